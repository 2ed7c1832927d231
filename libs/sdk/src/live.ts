import { backOffMs, delay } from './delay.js';
import { GleanerUnreachable } from './errors.js';
import { type JobEvent, isFinalEvent } from './event.js';
import { type Job } from './job.js';
import { Inbox } from './live-inbox.js';
import type { Transport } from './transport.js';

/** What happened, or how the job stands now. */
export type LiveMessage = { readonly kind: 'event'; readonly event: JobEvent } | { readonly kind: 'snapshot'; readonly job: Job };

export interface LiveSettings {
  readonly id: string;
  /** Sequence number of the last event that is known; 0 for all. */
  readonly after: number;
  readonly signal: AbortSignal | undefined;
  readonly webSocket: typeof WebSocket;
  readonly idleTimeoutMs: number;
  readonly giveUpAfterMs: number;
  readonly onReconnect: ((error: unknown) => void) | undefined;
  readonly job: () => Promise<Job>;
}

const CLOSED_IN_ORDER = 1_000;
const MAX_BACK_OFF_MS = 5_000;

/**
 * The messages of a job's WebSocket: events in order, each once, to the final one; snapshots between them and after it. Cut
 * connections are resumed after the last event that was seen.
 */
export async function* liveMessages(transport: Transport, settings: LiveSettings): AsyncGenerator<LiveMessage, void, undefined> {
  const progress = { last: settings.after, hasHeard: false };
  let failures = 0;
  let failingSince = Date.now();
  for (;;) {
    const before = progress.last;
    progress.hasHeard = false;
    const code = yield* connection(transport, settings, progress);
    if (code === CLOSED_IN_ORDER) return;
    // A handshake that is refused says nothing to a page: the job itself does, and throws what cannot get better.
    if (!progress.hasHeard) await settings.job();
    if (progress.last > before || progress.hasHeard) {
      failures = 0;
      failingSince = Date.now();
    }
    const failure = new GleanerUnreachable(transport.settings.url, `the live connection broke (code ${code})`);
    if (Date.now() - failingSince > settings.giveUpAfterMs) throw failure;
    settings.onReconnect?.(failure);
    await delay(backOffMs(failures++, transport.settings.retryBaseMs, MAX_BACK_OFF_MS), settings.signal);
  }
}

/** One connection; gives the code it was closed with. */
async function* connection(
  transport: Transport,
  { id, signal, webSocket, idleTimeoutMs }: LiveSettings,
  progress: { last: number; hasHeard: boolean },
): AsyncGenerator<LiveMessage, number, undefined> {
  const { url, key } = transport.settings;
  const target = new URL(`${url.replace(/\/+$/, '').replace(/^http/, 'ws')}/api/v1/jobs/${encodeURIComponent(id)}/live`);
  if (progress.last > 0) target.searchParams.set('after', String(progress.last));
  // A page cannot set headers here; the key travels as a subprotocol, never in the URL.
  const socket = new webSocket(target, ['gleaner.live', ...(key === undefined ? [] : [`gleaner.key.${key}`])]);
  const inbox = new Inbox(socket);
  try {
    for (;;) {
      const message = await inbox.next(idleTimeoutMs, signal);
      if (typeof message === 'number') return message;
      progress.hasHeard = true;
      if (message.kind === 'event') {
        if (message.event.seq <= progress.last) continue;
        // A gap counts as a cut: what is missing comes with the next connection.
        if (message.event.seq !== progress.last + 1) return 0;
        progress.last = message.event.seq;
      }
      yield message;
    }
  } finally {
    // Also when the caller stops early: without this the socket stays open.
    socket.close();
  }
}

const SNAPSHOT_EVERY_MS = 1_000;

/** The same without a WebSocket, as in Node 20: the event stream, and the job read once a second between events. */
export async function* liveByEvents(
  events: AsyncIterable<JobEvent>,
  { job, signal }: Pick<LiveSettings, 'job' | 'signal'>,
): AsyncGenerator<LiveMessage, void, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    yield { kind: 'snapshot', job: await job() };
    let next = iterator.next();
    for (;;) {
      const tick = new AbortController();
      const paused = delay(SNAPSHOT_EVERY_MS, signal === undefined ? tick.signal : AbortSignal.any([tick.signal, signal])).catch(
        () => undefined,
      );
      const result = await Promise.race([next, paused]);
      tick.abort();
      signal?.throwIfAborted();
      if (result?.done === true) break;
      if (result !== undefined) {
        yield { kind: 'event', event: result.value };
        if (isFinalEvent(result.value)) break;
        next = iterator.next();
      } else yield { kind: 'snapshot', job: await job() };
    }
    yield { kind: 'snapshot', job: await job() };
  } finally {
    await iterator.return?.();
  }
}
