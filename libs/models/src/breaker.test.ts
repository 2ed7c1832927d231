import { describe, expect, it } from 'vitest';
import { createBreaker } from './breaker.js';

function breakerAt(start = 0) {
  const clock = { now: start };
  const breaker = createBreaker({ now: () => clock.now, failures: 3, openMs: 1_000 });
  const fail = (times: number): void => {
    for (let index = 0; index < times; index++) {
      breaker.enter();
      breaker.failed();
    }
  };
  return { clock, breaker, fail };
}

const entered = (breaker: { enter(): boolean }, calls: number): number =>
  Array.from({ length: calls }, () => breaker.enter()).filter(Boolean).length;

describe('createBreaker', () => {
  it('stays closed below its failures in a row', () => {
    const { breaker, fail } = breakerAt();
    fail(2);
    breaker.enter();
    breaker.succeeded();
    fail(2);
    expect(entered(breaker, 50)).toBe(50);
  });

  it('opens, and lets exactly one of 50 try when its time is over', () => {
    const { clock, breaker, fail } = breakerAt();
    fail(3);
    expect(entered(breaker, 50)).toBe(0);
    clock.now = 999;
    expect(entered(breaker, 50)).toBe(0);
    clock.now = 1_000;
    expect(entered(breaker, 50)).toBe(1);
    clock.now = 5_000;
    expect(entered(breaker, 50)).toBe(0);
    breaker.failed();
    expect(entered(breaker, 50)).toBe(0);
    clock.now = 6_000;
    expect(entered(breaker, 50)).toBe(1);
    breaker.succeeded();
    expect(entered(breaker, 50)).toBe(50);
  });

  it('gives the try to another when its caller went away', () => {
    const { clock, breaker, fail } = breakerAt();
    fail(3);
    clock.now = 1_000;
    expect(entered(breaker, 50)).toBe(1);
    breaker.released();
    expect(entered(breaker, 50)).toBe(1);
  });
});
