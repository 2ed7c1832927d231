import type { JobEvent } from '@gleaner/domain';
import type { WebSocket } from 'ws';
import type { JobView } from '../jobs/job.dto.js';

export interface LiveTimings {
  readonly snapshotMs: number;
  /** Silence after which the other side is asked whether it is still there; it has as long to answer. */
  readonly heartbeatMs: number;
  /** A reader that takes nothing for this long is cut. */
  readonly drainTimeoutMs: number;
}

export interface LiveSource {
  readonly events: AsyncIterable<JobEvent>;
  readonly snapshot: () => Promise<JobView>;
  /** Read after the last event, not a moment before. */
  readonly lastSnapshot: () => Promise<JobView>;
}

/** Codes of RFC 6455 §7.4.1. */
export const CLOSE = { done: 1_000, goingAway: 1_001, notForUs: 1_008, tryAgain: 1_013 } as const;

/**
 * Tells a socket everything of a job: a snapshot at once and in every interval, each event as it comes, a last snapshot, then
 * the close. One event at a time waits to be taken, and a snapshot is left out while anything waits, so that a slow reader costs
 * two messages and not memory. Rejects when the reader takes nothing for too long, or the source fails.
 */
export async function tellLive(socket: WebSocket, { events, snapshot, lastSnapshot }: LiveSource, timings: LiveTimings): Promise<void> {
  const tell = async (): Promise<void> => {
    const job = await snapshot();
    if (socket.bufferedAmount === 0) await send(socket, { snapshot: job }, timings.drainTimeoutMs);
  };
  await tell();
  // A snapshot that fails is left out: the next one comes soon, and a socket that is broken ends the events.
  const ticking = setInterval(() => void tell().catch(() => undefined), timings.snapshotMs);
  const beating = keepAlive(socket, timings.heartbeatMs);
  try {
    for await (const event of events) {
      await send(socket, { event }, timings.drainTimeoutMs);
      if (socket.readyState !== socket.OPEN) return;
    }
    clearInterval(ticking);
    await send(socket, { snapshot: await lastSnapshot() }, timings.drainTimeoutMs);
  } finally {
    clearInterval(ticking);
    clearInterval(beating);
  }
}

/** Resolves when the system has taken the message. */
function send(socket: WebSocket, message: object, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the reader took nothing for ${timeoutMs} ms`)), timeoutMs);
    socket.send(JSON.stringify(message), (error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** A peer that vanished without a word never answers a ping: it is cut one interval later. */
function keepAlive(socket: WebSocket, everyMs: number): NodeJS.Timeout {
  let isThere = true;
  socket.on('pong', () => (isThere = true));
  return setInterval(() => {
    if (!isThere) return socket.terminate();
    isThere = false;
    socket.ping();
  }, everyMs);
}
