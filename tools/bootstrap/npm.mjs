import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from './failure.mjs';

const NETWORK = /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E5\d\d)\b/;

function realPath(path) {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/**
 * The npm that runs us, the one beside this Node, or the one on the PATH; always as a script, so that it can run under
 * another Node.
 */
export function findNpm(environment, execPath = process.execPath) {
  const beside = join(dirname(execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const onPath = (environment.PATH ?? '').split(delimiter).map((folder) => realPath(join(folder, 'npm')));
  const candidates = [environment.npm_execpath, beside, ...onPath];
  const found = candidates.find((path) => path !== undefined && path.endsWith('npm-cli.js') && existsSync(path));
  if (found === undefined) throw new Failure('npm was not found: install Node.js with npm (https://nodejs.org), then start again');
  return found;
}

/** One line from npm's output: its code and what to do. */
export function npmProblem(what, output) {
  const network = NETWORK.exec(output)?.[0];
  if (network !== undefined)
    return `${what}: the npm registry cannot be reached (${network}); check the network, the proxy and \`npm config get registry\`, then start again`;
  if (/\bENOSPC\b/.test(output)) return `${what}: the disk is full; free some space, then start again`;
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output))
    return `${what}: a folder cannot be written (${/\b(?:EACCES|EPERM|EROFS)\b.*/.exec(output)?.[0].slice(0, 150)})`;
  const line = output
    .split('\n')
    .map((text) => text.replace(/^npm (?:error|ERR!)\s*(?:code\s+)?/, '').trim())
    .find((text) => text !== '' && !text.startsWith('npm '));
  return `${what}: npm failed (${(line ?? 'no message').slice(0, 200)})`;
}
