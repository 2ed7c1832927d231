import type { ServerResponse } from 'node:http';

/** Aborts when the client goes away before it has its answer. */
export function connectionSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  response.once('close', () => controller.abort());
  return controller.signal;
}
