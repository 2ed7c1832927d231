import { isAbsolute, resolve } from 'node:path';
import { type Settings, readSettings } from '@gleaner/domain';

/** Limits and intervals of the API. One object, so that tests can make the slow ones fast. */
export interface ApiTimings {
  /** Longest time a request waits for Temporal to take a job; the job is kept and started later when this is over. */
  readonly startTimeoutMs: number;
  /** Pause between two passes of the reconciler. */
  readonly reconcileEveryMs: number;
  /** A job that changed later than this is left alone by the reconciler. */
  readonly untouchedMs: number;
  /** Silence after which an event stream gets a comment, so that proxies keep it open. */
  readonly heartbeatMs: number;
  /** A reader of an event stream that takes nothing for this long is cut. */
  readonly drainTimeoutMs: number;
  /** Longest time for each part of the readiness check. */
  readonly checkTimeoutMs: number;
}

export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly logLevel: Settings['GLEANER_LOG_LEVEL'];
  readonly blobsUrl: string | undefined;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly uiUrl: string | undefined };
  readonly timings: ApiTimings;
  /** Never logged. */
  readonly secrets: { readonly databaseUrl: string; readonly adminKey: string | undefined };
}

export const DEFAULT_TIMINGS: ApiTimings = {
  startTimeoutMs: 2_000,
  reconcileEveryMs: 3_000,
  untouchedMs: 5_000,
  heartbeatMs: 15_000,
  drainTimeoutMs: 30_000,
  checkTimeoutMs: 2_000,
};

export type ReadConfig = { readonly ok: true; readonly config: ApiConfig } | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the settings of the API; every problem is one line. The only place of this app that reads the environment. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): ReadConfig {
  const read = readSettings(environment);
  const problems = read.ok ? [] : read.problems.map(({ name, problem }) => `${name}: ${problem}`);
  if (!environment['DATABASE_URL'])
    problems.push(
      'DATABASE_URL: is not set; `npm start` sets it for the embedded database, for example DATABASE_URL=postgresql://gleaner:secret@db:5432/gleaner',
    );
  if (!read.ok || problems.length > 0) return { ok: false, problems };
  const { settings } = read;
  return {
    ok: true,
    config: {
      host: settings.GLEANER_HOST,
      port: settings.GLEANER_PORT,
      dataFolder: isAbsolute(settings.GLEANER_DATA) ? settings.GLEANER_DATA : resolve(settings.GLEANER_DATA),
      logLevel: settings.GLEANER_LOG_LEVEL,
      blobsUrl: settings.GLEANER_BLOBS,
      temporal: {
        address: settings.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
        namespace: settings.TEMPORAL_NAMESPACE,
        uiUrl: settings.GLEANER_TEMPORAL_UI_URL,
      },
      timings: DEFAULT_TIMINGS,
      secrets: { databaseUrl: settings.DATABASE_URL ?? '', adminKey: settings.GLEANER_ADMIN_KEY },
    },
  };
}
