import type { ReadyFile } from './run-folder.js';

export interface Announcement {
  readonly ready: ReadyFile;
  readonly dataFolder: string;
  readonly keyPath: string;
  /** Shown only when this start made it. */
  readonly newKey: string | undefined;
  readonly seconds: number;
}

/** What is where, for the person who started it. */
export function announce({ ready, dataFolder, keyPath, newKey, seconds }: Announcement): string[] {
  return [
    '',
    `Gleaner is ready after ${seconds.toFixed(1)} s`,
    `  API              ${ready.url}/api/v1`,
    `  Documentation    ${ready.url}/docs`,
    `  Temporal Web UI  ${ready.temporalUi ?? '(of the Temporal server at TEMPORAL_ADDRESS)'}`,
    `  Data             ${dataFolder}`,
    `  Admin key        ${keyPath}`,
    ...(newKey === undefined ? [] : [`  made now, shown this once: ${newKey}`]),
    '',
  ];
}

/** A database URL that can be shown. */
export function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = '';
  if (url.searchParams.has('password')) url.searchParams.set('password', '');
  return url.href;
}
