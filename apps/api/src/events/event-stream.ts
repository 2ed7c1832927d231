import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { JobEvent } from '@gleaner/domain';

export interface EventStreamOptions {
  readonly response: ServerResponse;
  readonly events: AsyncIterable<JobEvent>;
  readonly headers: Readonly<Record<string, string>>;
  readonly heartbeatMs: number;
  /** A client that takes nothing for this long is cut; it resumes with Last-Event-ID. */
  readonly drainTimeoutMs: number;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/**
 * Writes events as Server-Sent Events (HTML Living Standard §9.2): `id` is the sequence number, `event` the type, `data` the
 * event as JSON. Writes no more than the socket takes, so a slow client costs one buffer and not memory. Ends the response
 * with the events, and destroys it when the client is too slow or the events fail.
 */
export async function writeEventStream({
  response,
  events,
  headers,
  heartbeatMs,
  drainTimeoutMs,
  signal,
}: EventStreamOptions): Promise<void> {
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    connection: 'close',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, heartbeatMs);
  try {
    for await (const event of events) {
      if (!response.write(frameOf(event)))
        await once(response, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(drainTimeoutMs)]) });
      if (response.destroyed) return;
    }
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

function frameOf(event: JobEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
