/** A child that lived this long had recovered: the next death starts over with the shortest pause. */
export const STABLE_AFTER_MS = 30_000;

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** Pause before a restart: none after the first death, then 0.2 s, 0.4 s … up to 10 s. `deaths` counts those in a row, from 1. */
export function restartPauseMs(deaths: number): number {
  return deaths <= 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (deaths - 2), LONGEST_PAUSE_MS);
}
