import { percentile } from './metric.mjs';

/** CPU milliseconds, user and system, that a piece of work takes on this process. */
export function cpuMsOf(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Middle and slow end of measured milliseconds, rounded for people. */
export function spread(ms) {
  return { 'cpu ms p50': Number(percentile(ms, 0.5).toFixed(1)), 'cpu ms p95': Number(percentile(ms, 0.95).toFixed(1)) };
}
