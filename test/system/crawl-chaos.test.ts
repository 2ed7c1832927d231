import { expect, it } from 'vitest';
import { runChaos } from '../../bench/chaos/run-chaos.mjs';

it('a crawl gives the same result when every process is killed on its way, and then all of them at once', async () => {
  const said: string[] = [];
  const { broken, kills, pages } = await runChaos({
    seed: 7,
    pages: 120,
    kills: 6,
    latencyMs: 300,
    failShare: 0.05,
    tell: (line) => void said.push(line),
  });
  expect(broken, said.join('\n')).toEqual([]);
  expect(kills.length, said.join('\n')).toBeGreaterThan(3);
  expect(pages).toBeGreaterThan(100);
}, 300_000);
