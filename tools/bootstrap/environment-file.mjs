import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import util from 'node:util';
import { Failure, reasonOf } from './failure.mjs';

/** Node has util.parseEnv from 20.12 on; older ones get the plain part of the format: NAME=value, quotes, # comments. */
function parsePlainly(text) {
  const values = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#]*))/.exec(line);
    if (match) values[match[1]] = match[2] ?? match[3] ?? match[4].trim();
  }
  return values;
}

/**
 * The environment with the `.env` file of a folder under it: what is set already wins.
 * @param {string} folder @param {NodeJS.ProcessEnv} environment
 */
export function withEnvironmentFile(folder, environment) {
  const path = join(folder, '.env');
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return { ...environment };
    throw new Failure(`cannot read ${path} (${reasonOf(error)}): make it readable or remove it`);
  }
  const parse = util.parseEnv ?? parsePlainly;
  return { ...parse(text), ...environment };
}
