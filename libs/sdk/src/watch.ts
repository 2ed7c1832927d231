import { backOffMs, delay } from './delay.js';
import { GleanerUnreachable } from './errors.js';
import { type JobEvent, isFinalEvent } from './event.js';
import { EventStreamParser } from './event-stream.js';
import { type Transport, isTransient } from './transport.js';

export interface WatchSettings {
  readonly id: string;
  /** Sequence number of the last event that is known; 0 for all. */
  readonly after: number;
  readonly signal: AbortSignal | undefined;
  /** The server sends a heartbeat every 15 s; a connection that is silent for longer than this is dead. */
  readonly idleTimeoutMs: number;
  /** Gives up when nothing new came for this long in spite of new connections. */
  readonly giveUpAfterMs: number;
  /** true when the job is final: tells a stream that ended because all was said from one that was cut. */
  readonly isFinished: () => Promise<boolean>;
  /** Told before a broken connection is opened again. */
  readonly onReconnect: ((error: unknown) => void) | undefined;
}

const MAX_BACK_OFF_MS = 5_000;

/** When the current connection last brought anything, heartbeats included. */
interface Pulse {
  openedAt: number;
  heardAt: number;
}

/**
 * The events of a job, in order, each once, to the final one. Cut connections are resumed after the last event that
 * was seen; a gap in the sequence counts as a cut.
 */
export async function* watchEvents(transport: Transport, settings: WatchSettings): AsyncGenerator<JobEvent, void, undefined> {
  let last = settings.after;
  let failures = 0;
  let failingSince = Date.now();
  let endedSilently = false;
  for (;;) {
    const before = last;
    const pulse: Pulse = { openedAt: Date.now(), heardAt: 0 };
    let failure: unknown;
    try {
      for await (const event of connection(transport, settings, last, pulse)) {
        if (event.seq <= last) continue;
        if (event.seq !== last + 1)
          throw new GleanerUnreachable(transport.settings.url, `events ${last + 1} to ${event.seq - 1} of ${settings.id} are missing`);
        last = event.seq;
        yield event;
        if (isFinalEvent(event)) return;
      }
      // Looked at twice, because the first end may have come just before the final event was written.
      if (last === before && endedSilently) return;
      endedSilently = last === before && (await settings.isFinished());
    } catch (error) {
      if (settings.signal?.aborted === true) throw settings.signal.reason;
      if (!isTransient(error)) throw error;
      failure = error;
    }
    // A connection that kept its heartbeat was sound, however quiet the job is.
    if (last > before || pulse.heardAt - pulse.openedAt > settings.idleTimeoutMs / 4) {
      failures = 0;
      failingSince = Date.now();
    }
    if (Date.now() - failingSince > settings.giveUpAfterMs) throw failure ?? silence(transport, settings);
    if (failure !== undefined) settings.onReconnect?.(failure);
    await delay(backOffMs(failures++, transport.settings.retryBaseMs, MAX_BACK_OFF_MS), settings.signal);
  }
}

function silence(transport: Transport, settings: WatchSettings): GleanerUnreachable {
  return new GleanerUnreachable(transport.settings.url, `the events of ${settings.id} end before the job does`);
}

/** One connection: ends when the server ends it, throws when it breaks or stays silent. */
async function* connection(
  transport: Transport,
  settings: WatchSettings,
  after: number,
  pulse: Pulse,
): AsyncGenerator<JobEvent, void, undefined> {
  const idle = new AbortController();
  const signal = settings.signal === undefined ? idle.signal : AbortSignal.any([idle.signal, settings.signal]);
  const silent = new GleanerUnreachable(transport.settings.url, `no heartbeat within ${settings.idleTimeoutMs} ms`);
  const expire = (): void => idle.abort(silent);
  let timer = setTimeout(expire, settings.idleTimeoutMs);
  try {
    const response = await transport.open({
      path: `/api/v1/jobs/${encodeURIComponent(settings.id)}/events`,
      headers: { accept: 'text/event-stream', ...(after > 0 ? { 'last-event-id': String(after) } : {}) },
      signal,
    });
    if (response.body === null) return;
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventStreamParser();
    for (;;) {
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      pulse.heardAt = Date.now();
      for (const message of parser.push(decoder.decode(value, { stream: true }))) yield eventOf(message.data, transport.settings.url);
      timer = setTimeout(expire, settings.idleTimeoutMs);
    }
  } catch (error) {
    throw settings.signal?.aborted === true ? settings.signal.reason : asUnreachable(error, transport.settings.url);
  } finally {
    clearTimeout(timer);
    // Also when the caller stops early: without this the socket stays open.
    idle.abort();
  }
}

function asUnreachable(error: unknown, url: string): unknown {
  // A stream that breaks in the middle surfaces as a bare TypeError.
  return error instanceof TypeError || error instanceof SyntaxError ? new GleanerUnreachable(url, 'the event stream broke', error) : error;
}

function eventOf(data: string, url: string): JobEvent {
  const value: unknown = JSON.parse(data);
  if (typeof value === 'object' && value !== null && Number.isSafeInteger((value as JobEvent).seq)) return value as JobEvent;
  throw new GleanerUnreachable(url, 'the event stream carries something that is no event; is this a Gleaner API?');
}
