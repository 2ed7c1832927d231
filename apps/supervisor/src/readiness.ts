import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 5_000;

/** Waits until a probe says yes. Throws the signal's reason when it is given up. */
export async function waitFor(
  probe: (signal: AbortSignal) => Promise<boolean>,
  signal: AbortSignal,
  everyMs: number = POLL_MS,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await probe(signal).catch(() => false)) return;
    await delay(everyMs, undefined, { signal });
  }
}

/** Whether a GET is answered with 200. */
export function answers(url: string): (signal: AbortSignal) => Promise<boolean> {
  return async (signal) => {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]) });
    await response.arrayBuffer();
    return response.status === 200;
  };
}

/** Whether a TCP port accepts. `address` is HOST:PORT. */
export function accepts(address: string): () => Promise<boolean> {
  const cut = address.lastIndexOf(':');
  return () =>
    new Promise((settle) => {
      const socket = connect({
        host: address.slice(0, cut).replace(/^\[|\]$/g, ''),
        port: Number(address.slice(cut + 1)),
        timeout: ANSWER_TIMEOUT_MS,
      });
      const end = (isOpen: boolean): void => {
        socket.destroy();
        settle(isOpen);
      };
      socket
        .once('connect', () => end(true))
        .once('error', () => end(false))
        .once('timeout', () => end(false));
    });
}
