import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pauseWatch } from './pause-watch.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('asks once a second at most, and not in the first one', async () => {
  const asked: string[] = [];
  const isPaused = pauseWatch({ isPaused: async (jobId) => asked.push(jobId) > 1 }, 'j');
  const answers = async (): Promise<boolean[]> => await Promise.all([isPaused(), isPaused(), isPaused()]);
  expect([await answers(), asked]).toEqual([[false, false, false], []]);
  vi.advanceTimersByTime(1_000);
  expect([await answers(), asked]).toEqual([[false, false, false], ['j']]);
  vi.advanceTimersByTime(999);
  expect(await isPaused()).toBe(false);
  vi.advanceTimersByTime(1);
  expect([await answers(), asked]).toEqual([
    [true, true, true],
    ['j', 'j'],
  ]);
});
