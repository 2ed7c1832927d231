/** Everything that a client can make grow or wait. */
export interface GateLimits {
  /** Clients that are served at once; one more gets 53300. */
  readonly maxClients: number;
  /** Largest message, and largest sum of messages up to a Sync. */
  readonly maxUnitBytes: number;
  /** Largest answer to one unit: a statement runs to its end before its client can read, so the answer lies in memory. */
  readonly maxReplyBytes: number;
  /** Input and unread output of all clients together; above it the client that holds most is cut off. */
  readonly maxHeldBytes: number;
  /** A client that owns the backend and says nothing for so long loses it: 25P03. */
  readonly idleInTransactionMs: number;
  /** A client that connects and does not introduce itself is cut off. */
  readonly startupMs: number;
  /** A client that leaves an answer unread for so long is cut off. */
  readonly unreadReplyMs: number;
  /** At a stop, time for the transaction that is open. */
  readonly stopMs: number;
}

const MEGABYTE = 1024 * 1024;

export const DEFAULT_LIMITS: GateLimits = {
  maxClients: 64,
  maxUnitBytes: 64 * MEGABYTE,
  maxReplyBytes: 64 * MEGABYTE,
  maxHeldBytes: 256 * MEGABYTE,
  idleInTransactionMs: 15_000,
  startupMs: 10_000,
  unreadReplyMs: 60_000,
  stopMs: 5_000,
};
