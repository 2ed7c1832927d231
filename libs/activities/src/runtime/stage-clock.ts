/** Milliseconds since it was made, rounded up: a stage that ran took at least one. */
export function startClock(): () => number {
  const startedAt = performance.now();
  return () => Math.ceil(performance.now() - startedAt);
}
