import { isAbsolute, resolve } from 'node:path';
import {
  MODEL_PLAN_VARIABLE,
  type ModelDescription,
  type OwnerLimits,
  type Settings,
  describeModels,
  readModelPlan,
  readSettings,
} from '@gleaner/domain';
import { type TracingSettings, readTracing } from '@gleaner/telemetry';

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
  /** Pause between two snapshots on a WebSocket; at least one a second is promised. */
  readonly liveSnapshotMs: number;
  /** Longest time for each part of the readiness check. */
  readonly checkTimeoutMs: number;
  /** Pause between two sweeps of what keys and rates leave behind. */
  readonly sweepEveryMs: number;
}

export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly logLevel: Settings['GLEANER_LOG_LEVEL'];
  /** Web pages of these origins may call the API from a browser. */
  readonly corsOrigins: readonly string[];
  readonly blobsUrl: string | undefined;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly uiUrl: string | undefined };
  readonly timings: ApiTimings;
  /** Null: no traces. */
  readonly tracing: TracingSettings | null;
  readonly limits: {
    /** Of every owner for whom nothing else was set; 0: no limit. */
    readonly owners: OwnerLimits;
    /** Of every page that is fetched. */
    readonly pages: {
      readonly maxBytes: number;
      readonly maxRedirects: number;
      readonly fetchTimeoutMs: number;
      readonly renderTimeoutMs: number;
    };
  };
  /** Models by role, in their order; names, never keys. */
  readonly models: readonly ModelDescription[];
  /** Never logged. */
  readonly secrets: { readonly databaseUrl: string; readonly adminKey: string | undefined };
}

export const DEFAULT_TIMINGS: ApiTimings = {
  startTimeoutMs: 2_000,
  reconcileEveryMs: 3_000,
  untouchedMs: 5_000,
  heartbeatMs: 15_000,
  drainTimeoutMs: 30_000,
  liveSnapshotMs: 800,
  checkTimeoutMs: 2_000,
  sweepEveryMs: 600_000,
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
      corsOrigins: settings.GLEANER_CORS_ORIGINS,
      blobsUrl: settings.GLEANER_BLOBS,
      temporal: {
        address: settings.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
        namespace: settings.TEMPORAL_NAMESPACE,
        uiUrl: settings.GLEANER_TEMPORAL_UI_URL,
      },
      timings: DEFAULT_TIMINGS,
      tracing: readTracing(environment),
      limits: limitsOf(settings),
      models: readModelPlan(environment[MODEL_PLAN_VARIABLE] ?? '') ?? describeModels(settings),
      secrets: { databaseUrl: settings.DATABASE_URL ?? '', adminKey: settings.GLEANER_ADMIN_KEY },
    },
  };
}

function limitsOf(settings: Settings): ApiConfig['limits'] {
  return {
    owners: {
      requestsPerMinute: settings.GLEANER_LIMIT_REQUESTS_PER_MINUTE,
      runningJobs: settings.GLEANER_LIMIT_RUNNING_JOBS,
      pagesPerDay: settings.GLEANER_LIMIT_PAGES_PER_DAY,
    },
    pages: {
      maxBytes: settings.GLEANER_MAX_PAGE_BYTES,
      maxRedirects: settings.GLEANER_MAX_REDIRECTS,
      fetchTimeoutMs: settings.GLEANER_FETCH_TIMEOUT_MS,
      renderTimeoutMs: settings.GLEANER_RENDER_TIMEOUT_MS,
    },
  };
}
