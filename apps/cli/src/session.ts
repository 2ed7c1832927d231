import type { SettingProblem } from '@gleaner/domain';
import { type Client, createClient } from '@gleaner/sdk';
import type { CliConfig } from './config.js';
import { UsageError } from './exit-code.js';
import { type Target, type TargetFlags, findTarget } from './target.js';
import type { Terminal } from './terminal.js';

export interface CommonFlags extends TargetFlags {
  readonly json?: boolean;
}

/** What every command gets. */
export interface Session {
  readonly config: CliConfig;
  /** Settings that are wrong; only `doctor` runs in spite of them. */
  readonly settingProblems: readonly SettingProblem[];
  readonly terminal: Terminal;
  readonly flags: CommonFlags;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** @throws UsageError when there is no key to be found. */
export async function connect(session: Session): Promise<{ readonly client: Client; readonly target: Target }> {
  const target = await findTarget(session.flags, session.config.settings);
  if (target.key === undefined && target.source !== 'default') {
    throw new UsageError(`no key for ${target.url}: pass --key, set GLEANER_API_KEY, or name the data folder with --data`);
  }
  return { target, client: createClient({ url: target.url, ...(target.key === undefined ? {} : { key: target.key }) }) };
}
