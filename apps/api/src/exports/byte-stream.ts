import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

export interface ByteStreamOptions {
  readonly response: ServerResponse;
  readonly chunks: AsyncIterator<Buffer>;
  readonly headers: Readonly<Record<string, string>>;
  /** A client that takes nothing for this long is cut. */
  readonly drainTimeoutMs: number;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Told right before the first byte: from here on the answer is ours. */
  readonly onBegin: () => void;
}

/**
 * Writes an answer of unknown length, no faster than the client takes it. What fails before the first chunk is thrown while nothing is
 * written yet: it can still be answered as a problem. What fails later destroys the connection, so that half of an answer never looks like
 * a whole one. The iterator is closed in every case.
 */
export async function writeByteStream({ response, chunks, headers, drainTimeoutMs, signal, onBegin }: ByteStreamOptions): Promise<void> {
  try {
    let next = await chunks.next();
    onBegin();
    if (response.destroyed) return;
    response.writeHead(200, headers);
    for (; next.done !== true; next = await chunks.next()) {
      if (!response.write(next.value))
        await once(response, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(drainTimeoutMs)]) });
      if (response.destroyed) return;
    }
    response.end();
  } catch (error) {
    if (response.headersSent) response.destroy();
    if (!signal.aborted) throw error;
  } finally {
    await chunks.return?.();
  }
}
