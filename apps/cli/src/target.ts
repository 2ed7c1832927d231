import { resolve } from 'node:path';
import type { CliConfig } from './config.js';
import { readAdminKey, readReadyFile } from './data-folder.js';
import { UsageError } from './exit-code.js';

export interface TargetFlags {
  readonly url?: string;
  readonly key?: string;
  readonly data?: string;
}

export interface Target {
  readonly url: string;
  readonly key: string | undefined;
  readonly folder: string;
  /** Where the URL came from, for messages. */
  readonly source: 'flag' | 'setting' | 'running' | 'default';
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Which API to talk to: flag, GLEANER_URL, what runs on the data folder, or the default port. The folder's admin key is
 * only ever sent to this machine: another host must not get it because somebody forgot to name a key.
 */
export async function findTarget(flags: TargetFlags, settings: CliConfig['settings']): Promise<Target> {
  const folder = resolve(flags.data ?? settings.GLEANER_DATA);
  const running = await readReadyFile(folder);
  const { url, source } = chooseUrl(flags, settings, running?.url);
  let host: string;
  try {
    const parsed = new URL(url);
    if (!/^https?:$/.test(parsed.protocol)) throw new TypeError('scheme');
    host = parsed.hostname;
  } catch {
    throw new UsageError(`--url must be an http or https URL, like http://127.0.0.1:4000; got ${JSON.stringify(url)}`);
  }
  const isOwn = source === 'running' || LOOPBACK.test(host);
  const key = flags.key ?? settings.GLEANER_API_KEY ?? (isOwn ? ((await readAdminKey(folder)) ?? undefined) : undefined);
  return { url: url.replace(/\/+$/, ''), key, folder, source };
}

function chooseUrl(flags: TargetFlags, settings: CliConfig['settings'], running: string | undefined): Pick<Target, 'url' | 'source'> {
  if (flags.url !== undefined) return { url: flags.url, source: 'flag' };
  // --data names one installation; it is nearer than a setting of the shell.
  if (flags.data !== undefined && running !== undefined) return { url: running, source: 'running' };
  if (settings.GLEANER_URL !== undefined) return { url: settings.GLEANER_URL, source: 'setting' };
  if (running !== undefined) return { url: running, source: 'running' };
  return { url: `http://127.0.0.1:${settings.GLEANER_PORT || 4000}`, source: 'default' };
}
