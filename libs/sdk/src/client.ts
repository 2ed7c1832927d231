import { adminMethods } from './admin-client.js';
import type { CallOptions } from './call.js';
import type { Client, ClientOptions, CrawlOptions, RetryOptions, StartOptions, VersionName, WatchOptions } from './client-types.js';
import type { Document } from './document.js';
import type { CrawlInput, LedgerPage } from './crawl.js';
import { GleanerUnreachable } from './errors.js';
import type { JobEvent } from './event.js';
import { exportStream, exportedDocuments } from './export.js';
import { type Job, type JobRequest, isFinalState } from './job.js';
import { listItems } from './list.js';
import { type LiveMessage, liveByEvents, liveMessages } from './live.js';
import { type Readiness, parseReadiness } from './ready.js';
import type { Site, SiteSummary, TemplateSummary, TemplateVersion } from './site.js';
import { Transport } from './transport.js';
import { watchEvents } from './watch.js';

const BASE = '/api/v1';
const of = encodeURIComponent;
const jobPath = (id: string): string => `${BASE}/jobs/${of(id)}`;
const versionsPath = (host: string, templateId: string): string => `${BASE}/sites/${of(host)}/templates/${of(templateId)}/versions`;

/** A client of the REST API at `options.url`. Opens nothing before its first call. */
export function createClient(options: ClientOptions): Client {
  const transport = new Transport({
    url: options.url,
    key: options.key,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs: options.timeoutMs ?? 30_000,
    retries: options.retries ?? 3,
    retryBaseMs: options.retryBaseMs ?? 200,
  });
  return {
    ...jobMethods(transport, options),
    ...crawlMethods(transport, options),
    ...siteMethods(transport),
    ...readMethods(transport),
    ...adminMethods(transport),
  };
}

type JobMethods = Pick<
  Client,
  | 'startJob'
  | 'job'
  | 'jobs'
  | 'jobPage'
  | 'watch'
  | 'live'
  | 'wait'
  | 'result'
  | 'markdown'
  | 'cancel'
  | 'pause'
  | 'resume'
  | 'retry'
  | 'change'
>;

function jobMethods(transport: Transport, options: ClientOptions): JobMethods {
  const { idleTimeoutMs = 45_000, giveUpAfterMs = 120_000 } = options;
  const job = (id: string, call: CallOptions = {}): Promise<Job> => transport.json({ path: jobPath(id), signal: call.signal });
  const watch = (id: string, call: WatchOptions = {}): AsyncIterable<JobEvent> =>
    watchEvents(transport, {
      id,
      after: call.after ?? 0,
      signal: call.signal,
      idleTimeoutMs,
      giveUpAfterMs,
      isFinished: async () => isFinalState((await job(id, call)).state),
      onReconnect: call.onReconnect,
    });
  const live = (id: string, call: WatchOptions = {}): AsyncIterable<LiveMessage> => {
    const webSocket = options.webSocket ?? (globalThis as { readonly WebSocket?: typeof WebSocket }).WebSocket;
    const common = { id, signal: call.signal, job: () => job(id, call) };
    if (webSocket === undefined) return liveByEvents(watch(id, call), common);
    return liveMessages(transport, {
      ...common,
      webSocket,
      idleTimeoutMs,
      giveUpAfterMs,
      after: call.after ?? 0,
      onReconnect: call.onReconnect,
    });
  };
  /** All of them do twice what they do once. */
  const steer =
    (verb: string) =>
    (id: string, call: CallOptions = {}): Promise<Job> =>
      transport.json({ method: 'POST', path: `${jobPath(id)}/${verb}`, signal: call.signal, isIdempotent: true });
  return {
    job,
    watch,
    live,
    startJob: (request, call) => startJob(transport, request, call),
    jobs: ({ pageSize, ...filter } = {}, call = {}) =>
      listItems<Job>(transport, { path: `${BASE}/jobs`, query: { ...filter, limit: pageSize }, signal: call.signal }),
    jobPage: ({ pageSize, ...filter } = {}, call = {}) =>
      transport.json({ path: `${BASE}/jobs`, query: { ...filter, limit: pageSize }, signal: call.signal }),
    wait: async (id, call = {}) => {
      const iterator = watch(id, call)[Symbol.asyncIterator]();
      while ((await iterator.next()).done !== true);
      return job(id, call);
    },
    result: <T>(id: string, call: CallOptions = {}) => transport.json<T>({ path: `${jobPath(id)}/result`, signal: call.signal }),
    markdown: async (id, call = {}) =>
      (await transport.send({ path: `${jobPath(id)}/result`, headers: { accept: 'text/markdown' }, signal: call.signal })).body,
    cancel: steer('cancel'),
    pause: steer('pause'),
    resume: steer('resume'),
    retry: (id, call) => retryJob(transport, id, call),
    change: (id, change, call = {}) =>
      transport.json({ method: 'PATCH', path: jobPath(id), body: { options: change }, signal: call.signal, isIdempotent: true }),
  };
}

/** Extracting anew is a new job at every call. */
function retryJob(transport: Transport, id: string, { from, signal }: RetryOptions = {}): Promise<Job> {
  const body = from === undefined ? {} : { body: { from } };
  return transport.json({ method: 'POST', path: `${jobPath(id)}/retry`, ...body, signal, isIdempotent: from !== 'extract' });
}

type CrawlMethods = Pick<Client, 'crawl' | 'pages' | 'pagesPage' | 'documents' | 'export'>;

function crawlMethods(transport: Transport, { idleTimeoutMs = 45_000 }: ClientOptions): CrawlMethods {
  const exporting: Client['export'] = (id, { format = 'jsonl', signal } = {}) =>
    exportStream(transport, { path: `${jobPath(id)}/result`, format, signal, idleTimeoutMs });
  return {
    crawl: (input: CrawlInput, { priority, labels, ...call }: CrawlOptions = {}) =>
      startJob(
        transport,
        { kind: 'crawl', input, ...(priority === undefined ? {} : { priority }), ...(labels === undefined ? {} : { labels }) },
        call,
      ),
    pages: (id, { pageSize, ...filter } = {}, call = {}) =>
      listItems<LedgerPage>(transport, { path: `${jobPath(id)}/pages`, query: { ...filter, limit: pageSize }, signal: call.signal }),
    pagesPage: (id, { pageSize, ...filter } = {}, call = {}) =>
      transport.json({ path: `${jobPath(id)}/pages`, query: { ...filter, limit: pageSize }, signal: call.signal }),
    documents: (id, call = {}) => exportedDocuments(exporting(id, { ...call, format: 'jsonl' })),
    export: exporting,
  };
}

type SiteMethods = Pick<Client, 'sites' | 'site' | 'templates' | 'versions' | 'activateVersion' | 'pinVersion' | 'rejectVersion'>;

function siteMethods(transport: Transport): SiteMethods {
  const items = async <T>(path: string, call: CallOptions = {}): Promise<readonly T[]> =>
    (await transport.json<{ readonly items: readonly T[] }>({ path, signal: call.signal })).items;
  const decide =
    (verb: string) =>
    ({ host, templateId, version }: VersionName, call: CallOptions = {}): Promise<TemplateVersion> =>
      transport.json({
        method: 'POST',
        path: `${versionsPath(host, templateId)}/${version}/${verb}`,
        signal: call.signal,
        isIdempotent: true,
      });
  return {
    sites: (call = {}) => listItems<SiteSummary>(transport, { path: `${BASE}/sites`, signal: call.signal }),
    site: (host, call = {}) => transport.json<Site>({ path: `${BASE}/sites/${of(host)}`, signal: call.signal }),
    templates: (host, call) => items<TemplateSummary>(`${BASE}/sites/${of(host)}/templates`, call),
    versions: (host, templateId, call) => items<TemplateVersion>(versionsPath(host, templateId), call),
    activateVersion: decide('activate'),
    pinVersion: decide('pin'),
    rejectVersion: decide('reject'),
  };
}

function readMethods(transport: Transport): Pick<Client, 'document' | 'ready'> {
  return {
    document: (id, { include, signal } = {}) =>
      transport.json<Document>({
        path: `${BASE}/documents/${of(id)}`,
        query: { include: include === undefined || include.length === 0 ? undefined : include.join(',') },
        signal,
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
