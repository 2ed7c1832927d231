import type { Document } from './document.js';
import { GleanerUnreachable } from './errors.js';
import type { JobEvent } from './event.js';
import { type Job, type JobFilter, type JobRequest, isFinalState } from './job.js';
import { type Readiness, parseReadiness } from './ready.js';
import type { Site, SiteSummary } from './site.js';
import { Transport } from './transport.js';
import { watchEvents } from './watch.js';

export interface ClientOptions {
  /** Base URL of the API: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** API key; only `ready()` works without. */
  readonly key?: string;
  readonly fetch?: typeof fetch;
  /** Longest time for one answer, body included; default 30 s. */
  readonly timeoutMs?: number;
  /** Further tries after a network error, 502, 503 or 504; default 3. */
  readonly retries?: number;
  /** First pause between two tries, doubled each time, with jitter; default 200 ms. */
  readonly retryBaseMs?: number;
  /** Longest silence on an event stream before it is opened again; default 45 s, three heartbeats. */
  readonly idleTimeoutMs?: number;
  /** How long `watch` keeps trying when nothing gets through; default 2 min. */
  readonly giveUpAfterMs?: number;
}

export interface StartOptions {
  /** Same key and body: the same job. Made up when absent, so that a retry never starts a second job. */
  readonly idempotencyKey?: string;
  /** Answer with the finished job when it finishes within this time; 0 … 60. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface WatchOptions {
  /** Sequence number of the last event that is known. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * A client of the REST API. Every method throws GleanerError (the API said no), GleanerUnreachable (no answer), or the
 * reason of the signal that was passed.
 */
export interface Client {
  /** Starts a job. Resolves when it is accepted, or with `waitSeconds` when it is finished, whichever comes first. */
  startJob(request: JobRequest, options?: StartOptions): Promise<Job>;
  job(id: string, options?: CallOptions): Promise<Job>;
  /** Newest first; asks for further pages as they are needed. */
  jobs(filter?: JobFilter, options?: CallOptions): AsyncIterable<Job>;
  /** Events in order, each once, to the final one; resumes cut connections by itself. */
  watch(id: string, options?: WatchOptions): AsyncIterable<JobEvent>;
  /** Resolves with the job when it is completed, failed or cancelled. */
  wait(id: string, options?: { readonly signal?: AbortSignal }): Promise<Job>;
  /** What the job produced: a document for `extract`; name the type for another kind: `result<TemplateVersion>(id)`. */
  result<T = Document>(id: string, options?: CallOptions): Promise<T>;
  /** The result of an `extract` job as Markdown. */
  markdown(id: string, options?: CallOptions): Promise<string>;
  document(id: string, options?: CallOptions): Promise<Document>;
  sites(options?: CallOptions): AsyncIterable<SiteSummary>;
  site(host: string, options?: CallOptions): Promise<Site>;
  /** Asks the job to stop; what is done stays readable. */
  cancel(id: string, options?: CallOptions): Promise<Job>;
  ready(options?: CallOptions): Promise<Readiness>;
}

const BASE = '/api/v1';

export function createClient(options: ClientOptions): Client {
  const transport = new Transport({
    url: options.url,
    key: options.key,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs: options.timeoutMs ?? 30_000,
    retries: options.retries ?? 3,
    retryBaseMs: options.retryBaseMs ?? 200,
  });
  const get = <T>(path: string, call: CallOptions = {}): Promise<T> => transport.json<T>({ path: BASE + path, signal: call.signal });
  const job = (id: string, call?: CallOptions): Promise<Job> => get<Job>(`/jobs/${encodeURIComponent(id)}`, call);
  const watch = (id: string, call: WatchOptions = {}): AsyncIterable<JobEvent> =>
    watchEvents(transport, {
      id,
      after: call.after ?? 0,
      signal: call.signal,
      idleTimeoutMs: options.idleTimeoutMs ?? 45_000,
      giveUpAfterMs: options.giveUpAfterMs ?? 120_000,
      isFinished: async () => isFinalState((await job(id, call)).state),
    });
  return {
    job,
    watch,
    startJob: (request, call) => startJob(transport, request, call),
    jobs: ({ pageSize, ...filter } = {}, call = {}) => pages<Job>(transport, '/jobs', { ...filter, limit: pageSize }, call.signal),
    wait: async (id, call = {}) => {
      const iterator = watch(id, call)[Symbol.asyncIterator]();
      while ((await iterator.next()).done !== true);
      return job(id, call);
    },
    result: <T>(id: string, call?: CallOptions) => get<T>(`/jobs/${encodeURIComponent(id)}/result`, call),
    markdown: async (id, call = {}) => {
      const path = `${BASE}/jobs/${encodeURIComponent(id)}/result`;
      return (await transport.send({ path, headers: { accept: 'text/markdown' }, signal: call.signal })).body;
    },
    document: (id, call) => get<Document>(`/documents/${encodeURIComponent(id)}`, call),
    sites: (call = {}) => pages<SiteSummary>(transport, '/sites', {}, call.signal),
    site: (host, call) => get<Site>(`/sites/${encodeURIComponent(host)}`, call),
    cancel: (id, call = {}) =>
      transport.json<Job>({
        method: 'POST',
        path: `${BASE}/jobs/${encodeURIComponent(id)}/cancel`,
        signal: call.signal,
        isIdempotent: true,
      }),
    ready: (call) => ready(transport, call),
  };
}

function startJob(transport: Transport, request: JobRequest, call: StartOptions = {}): Promise<Job> {
  const { waitSeconds } = call;
  return transport.json<Job>({
    method: 'POST',
    path: `${BASE}/jobs`,
    body: request,
    signal: call.signal,
    isIdempotent: true,
    extraTimeMs: (waitSeconds ?? 0) * 1_000,
    headers: {
      'idempotency-key': call.idempotencyKey ?? randomKey(),
      ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
    },
  });
}

/** Not randomUUID: browsers have that only on secure origins. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

type Query = Readonly<Record<string, string | number | undefined>>;

async function* pages<T>(
  transport: Transport,
  path: string,
  query: Query,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  for (;;) {
    const page = await transport.json<{ readonly items: readonly T[]; readonly next: string | null }>({
      path: BASE + path,
      query: { ...query, cursor },
      signal,
    });
    yield* page.items;
    if (page.next === null || page.next === undefined) return;
    if (page.next === cursor) throw new GleanerUnreachable(transport.settings.url, `the list ${path} does not advance`);
    cursor = page.next;
  }
}

/** 503 is an answer here: it says which part is missing. */
async function ready(transport: Transport, call: CallOptions = {}): Promise<Readiness> {
  const answer = await transport.send({
    path: '/health/ready',
    headers: { accept: 'application/json' },
    signal: call.signal,
    alsoAccept: [503],
  });
  try {
    return parseReadiness(answer.status, JSON.parse(answer.body) as unknown);
  } catch (cause) {
    throw new GleanerUnreachable(transport.settings.url, 'the answer to /health/ready is not JSON; is this a Gleaner API?', cause);
  }
}
