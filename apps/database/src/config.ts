import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '@gleaner/domain';
import { StartRefused } from './refusal.js';

export interface DatabaseConfig {
  /** The data folder of Gleaner; the database keeps its files in `database/` inside it. */
  readonly dataFolder: string;
  readonly socketFolder: string;
  readonly logLevel: string;
}

/** From `--data DIR`, `--socket-dir DIR` and the settings. Throws StartRefused with all problems in one line. */
export function readConfig(): DatabaseConfig {
  const { data, 'socket-dir': socketDir } = readFlags();
  const read = readSettings(process.env);
  if (!read.ok) throw new StartRefused(read.problems.map(({ name, problem }) => `${name} ${problem}`).join('; '));
  const dataFolder = resolve(data ?? read.settings.GLEANER_DATA);
  return { dataFolder, socketFolder: resolve(socketDir ?? `${dataFolder}/database/socket`), logLevel: read.settings.GLEANER_LOG_LEVEL };
}

function readFlags(): { data?: string; 'socket-dir'?: string } {
  try {
    return parseArgs({ options: { data: { type: 'string' }, 'socket-dir': { type: 'string' } } }).values;
  } catch (error) {
    throw new StartRefused(error instanceof Error ? error.message : String(error));
  }
}
