/** What the shell learns. Scripts depend on these numbers. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The person typed something that cannot be done; the message says what instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
