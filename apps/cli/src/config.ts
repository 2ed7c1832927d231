import { homedir } from 'node:os';
import { join } from 'node:path';
import { type SettingProblem, type Settings, readSettings } from '@gleaner/domain';

export interface CliConfig {
  readonly settings: Pick<
    Settings,
    | 'GLEANER_DATA'
    | 'GLEANER_URL'
    | 'GLEANER_API_KEY'
    | 'GLEANER_CACHE'
    | 'GLEANER_PORT'
    | 'GLEANER_HOST'
    | 'TEMPORAL_ADDRESS'
    | 'TEMPORAL_CLI'
    | 'CHROMIUM_PATH'
    | 'DATABASE_URL'
  >;
  /** Folders in which programs are looked for. */
  readonly searchPath: string;
  readonly home: string;
  /** Where programs of this person keep what they download: XDG_CACHE_HOME, or what the system has instead. */
  readonly userCache: string;
  /** NO_COLOR is set, to anything (no-color.org), or the terminal is dumb. */
  readonly hasNoColor: boolean;
}

export type ReadConfig =
  | { readonly ok: true; readonly config: CliConfig }
  /** `rest` is what there is without the settings that are wrong: enough for `doctor`. */
  | { readonly ok: false; readonly problems: readonly SettingProblem[]; readonly rest: CliConfig };

/** The only place of this program that reads the environment. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): ReadConfig {
  const read = readSettings(environment);
  if (read.ok) return { ok: true, config: configOf(environment, read.settings) };
  const wrong = new Set(read.problems.map(({ name }) => name));
  const sound = readSettings(Object.fromEntries(Object.entries(environment).filter(([name]) => !wrong.has(name))));
  if (!sound.ok) throw new Error('settings that were taken out are still wrong');
  return { ok: false, problems: read.problems, rest: configOf(environment, sound.settings) };
}

function configOf(environment: Readonly<Record<string, string | undefined>>, settings: CliConfig['settings']): CliConfig {
  const home = environment['HOME'] || homedir();
  return {
    settings,
    searchPath: environment['PATH'] ?? '',
    home,
    userCache: environment['XDG_CACHE_HOME'] || join(home, process.platform === 'darwin' ? 'Library/Caches' : '.cache'),
    hasNoColor: (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb',
  };
}
