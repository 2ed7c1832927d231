import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientPlugin, Connection, isGrpcServiceError } from '@temporalio/client';
import type { ApiConfig } from '../config.js';

/** gRPC waits up to two minutes between tries by default; a server that is back must be found at once. */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 2_000 };

/** gRPC status codes (google.rpc.Code) that the API tells apart. */
export const GRPC = {
  unknown: 2,
  deadlineExceeded: 4,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  unimplemented: 12,
  unavailable: 14,
} as const;
const TRANSIENT: ReadonlySet<number> = new Set([GRPC.unknown, GRPC.resourceExhausted, GRPC.aborted, GRPC.unavailable]);
const MAX_TRIES = 3;
const PAUSE_MS = 100;

/**
 * A client that connects when it is first used, and again whenever the server was away. Without the retries of the SDK:
 * their timers outlive `close()`, and then throw where nobody can catch it.
 */
export function temporalClient({ address, namespace }: ApiConfig['temporal'], plugins: readonly ClientPlugin[] = []): Client {
  return new Client({
    connection: Connection.lazy({ address, channelArgs: RECONNECT, interceptors: [] }),
    namespace,
    plugins: [...plugins],
  });
}

/** The gRPC status of an error or of what caused it; undefined when the server was not involved. */
export function grpcCodeOf(error: unknown): number | undefined {
  for (let current: unknown = error; current instanceof Error; current = current.cause)
    if (isGrpcServiceError(current)) return current.code;
  return undefined;
}

/** True when the server did not answer at all. */
export function isAwayError(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === GRPC.unavailable || code === GRPC.deadlineExceeded;
}

/** Calls the server with a deadline, and again when it stumbled; only for calls that may arrive twice. */
export async function callTemporal<T>(client: Client, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.connection.withDeadline(deadline, call);
    } catch (error) {
      const isTransient = TRANSIENT.has(grpcCodeOf(error) ?? -1);
      if (!isTransient || attempt === MAX_TRIES || Date.now() + PAUSE_MS > deadline) throw error;
      await sleep(PAUSE_MS * attempt);
    }
  }
}
