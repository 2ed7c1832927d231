import { expect, it } from 'vitest';
import { BrowserSamples } from './browser-samples.js';

it('gives each template of a crawl one page, and another where the last one told nothing, three at most', () => {
  let nowMs = 0;
  const samples = new BrowserSamples(() => nowMs);
  const takes = (): readonly boolean[] => [samples.take('job', 'tpl_a'), samples.take('job', 'tpl_a'), samples.take('job', 'tpl_b')];
  expect(takes()).toEqual([true, false, true]);
  expect(samples.take('other', 'tpl_a')).toBe(true);
  nowMs = 29_000;
  expect(takes()).toEqual([false, false, false]);
  nowMs = 31_000;
  expect(takes()).toEqual([true, false, true]);
  nowMs = 62_000;
  expect(takes()).toEqual([true, false, true]);
  nowMs = 3_600_000;
  expect(takes()).toEqual([false, false, false]);
});

it('forgets the oldest when there are many', () => {
  const samples = new BrowserSamples(() => 0);
  for (let count = 0; count < 10_001; count++) samples.take('job', `tpl_${count}`);
  expect([samples.take('job', 'tpl_10000'), samples.take('job', 'tpl_0')]).toEqual([false, true]);
});
