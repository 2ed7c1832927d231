import type { ApiKeyRecord } from '@gleaner/domain';
import { expect, it } from 'vitest';
import { ADMIN_RECORD, KEY_RECORDS, KEYS } from '../test-support/samples.js';
import { KeyCache } from './key-cache.js';

function cacheOf(records: Record<string, ApiKeyRecord>) {
  const asked: string[] = [];
  const clock = { now: Date.parse('2026-11-21T00:00:00Z') };
  const cache = new KeyCache(
    {
      authenticate: async (key) => {
        asked.push(key);
        return records[key] ?? null;
      },
    },
    () => clock.now,
  );
  return { asked, clock, cache };
}

it('asks once in ten seconds for a valid key, once in two for another', async () => {
  const { asked, clock, cache } = cacheOf({ ...KEY_RECORDS });
  for (let second = 0; second < 11; second++, clock.now += 1_000) {
    expect(await cache.authenticate(KEYS.admin)).toMatchObject({ id: 'key_1' });
    expect(await cache.authenticate('other')).toBeNull();
  }
  expect(asked.filter((key) => key === KEYS.admin)).toHaveLength(2);
  expect(asked.filter((key) => key === 'other')).toHaveLength(6);
});

it('refuses a key from the moment it expires, remembered or not', async () => {
  const { clock, cache } = cacheOf({ short: { ...ADMIN_RECORD, expiresAt: '2026-11-21T00:00:05.000Z' } });
  expect(await cache.authenticate('short')).not.toBeNull();
  clock.now += 5_000;
  expect(await cache.authenticate('short')).toBeNull();
});

it('forgets the oldest of too many keys, and does not look up what no key can be', async () => {
  const { asked, cache } = cacheOf({ ...KEY_RECORDS });
  await cache.authenticate(KEYS.admin);
  for (let index = 0; index < 1_000; index++) await cache.authenticate(`wrong ${index}`);
  await cache.authenticate(KEYS.admin);
  expect(asked.filter((key) => key === KEYS.admin)).toHaveLength(2);
  expect(await cache.authenticate('x'.repeat(257))).toBeNull();
  expect(asked).toHaveLength(1_002);
});
