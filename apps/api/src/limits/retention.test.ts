import { expect, it } from 'vitest';
import { startTestApi } from '../test-support/test-api.js';

it('sweeps again and again, also after a sweep that failed, and not after the end', async () => {
  let sweeps = 0;
  const sweep = async (): Promise<number> => {
    if (++sweeps === 1) throw new Error('the database is away');
    return 0;
  };
  const api = await startTestApi({ timings: { sweepEveryMs: 1 }, platform: { ownerRetention: { sweep } } });
  await expect.poll(() => sweeps).toBeGreaterThan(2);
  await api.close();
  const last = sweeps;
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  expect(sweeps).toBe(last);
});
