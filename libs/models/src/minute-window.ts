const MINUTE_MS = 60_000;

/** Calls of this process to one provider: never more than the limit in any 60 seconds. */
export interface MinuteWindow {
  /** 0: the call is counted. Else how long to wait for the next one. */
  take(): number;
}

/** `perMinute` 0: no limit. Keeps one time for each call of the last minute. */
export function createMinuteWindow(perMinute: number, now: () => number): MinuteWindow {
  const times: number[] = [];
  return {
    take() {
      if (perMinute === 0) return 0;
      const time = now();
      while (times[0] !== undefined && times[0] <= time - MINUTE_MS) times.shift();
      if (times.length >= perMinute) return (times[0] ?? time) + MINUTE_MS - time;
      times.push(time);
      return 0;
    },
  };
}
