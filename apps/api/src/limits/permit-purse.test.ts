import type { PermitGrant, PermitRequest } from '@gleaner/domain';
import { expect, it } from 'vitest';
import { PermitPurse } from './permit-purse.js';

/** A minute's worth of permits that never comes back, asked for by any number of purses. */
function poolOf(permits: number) {
  const asked: PermitRequest[] = [];
  let left = permits;
  const lease = async (request: PermitRequest): Promise<PermitGrant> => {
    asked.push(request);
    const granted = Math.min(left, request.wanted);
    left -= granted;
    return { granted, retryAfterMs: granted > 0 ? 0 : 30_000 };
  };
  return { asked, lease, addAll: (count: number) => (left += count) };
}

it('asks for one, then for more while they are spent, and never for more than a twentieth of the limit', async () => {
  const { asked, lease } = poolOf(1_000);
  const purse = new PermitPurse({ lease }, () => 0);
  for (let request = 0; request < 100; request++) expect(await purse.take('key_1', 400)).toBe(0);
  expect(asked.map(({ wanted }) => wanted)).toEqual([1, 2, 4, 8, 16, 20, 20, 20, 20]);
  await purse.take('key_2', 10);
  expect(asked.at(-1)).toEqual({ keyId: 'key_2', limit: 10, wanted: 1 });
});

it('leases for many at the same moment at once, and lets no more pass than were leased', async () => {
  const { asked, lease } = poolOf(120);
  const purses = [new PermitPurse({ lease }, () => 0), new PermitPurse({ lease }, () => 0)];
  const waits = await Promise.all(Array.from({ length: 500 }, (_, index) => purses[index % 2]!.take('key_1', 120)));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(120);
  expect(new Set(waits)).toEqual(new Set([0, 30_000]));
  expect(asked.length).toBeLessThan(50);
});

it('loses what is not used within five seconds, and asks for fewer then', async () => {
  const { asked, lease } = poolOf(1_000);
  let now = 0;
  const purse = new PermitPurse({ lease }, () => now);
  for (let request = 0; request < 8; request++) await purse.take('key_1', 1_000);
  now = 5_000;
  await purse.take('key_1', 1_000);
  expect(asked.map(({ wanted }) => wanted)).toEqual([1, 2, 4, 8, 4]);
});

it('does not ask again for a second after a refusal, and tells the time that is left', async () => {
  const { asked, lease, addAll } = poolOf(0);
  let now = 0;
  const purse = new PermitPurse({ lease }, () => now);
  expect(await purse.take('key_1', 100)).toBe(30_000);
  now = 999;
  expect(await purse.take('key_1', 100)).toBe(29_001);
  expect(asked).toHaveLength(1);
  addAll(1);
  now = 1_000;
  expect(await purse.take('key_1', 100)).toBe(0);
});

it('passes a fault on to all who wait, and asks anew after', async () => {
  let isAway = true;
  const lease = async (): Promise<PermitGrant> => {
    if (isAway) throw new Error('away');
    return { granted: 1, retryAfterMs: 0 };
  };
  const purse = new PermitPurse({ lease }, () => 0);
  const answers = await Promise.allSettled([purse.take('key_1', 100), purse.take('key_1', 100)]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isAway = false;
  expect(await purse.take('key_1', 100)).toBe(0);
});
