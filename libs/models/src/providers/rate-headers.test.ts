import { describe, expect, it } from 'vitest';
import { durationMs, pauseOf } from './rate-headers.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('pauseOf', () => {
  it.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:20 GMT' }, 20_000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after': '999999' }, 3_600_000],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2m59.56s' }, 179_560],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '7.66s' }, 7_660],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': ['120ms'] }, 120],
    [{ 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:05Z' }, 5_000],
    [{ 'x-ratelimit-remaining-requests': '12', 'x-ratelimit-reset-requests': '2m59.56s' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('reads %o', (headers, pauseMs) => {
    expect(pauseOf(headers, NOW)).toBe(pauseMs);
  });

  it('takes nothing for a duration that is none', () => {
    expect(durationMs('1y', NOW)).toBeUndefined();
    expect(durationMs('', NOW)).toBeUndefined();
    expect(durationMs('1h2m3s4ms', NOW)).toBe(3_723_004);
  });
});
