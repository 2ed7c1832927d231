import { type Fault, NO_LIMITS, NO_OVERRIDES } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApiKeys } from './api-keys.js';
import type { Database } from './database.js';
import { createJobLog } from './job-log.js';
import { createJobReader } from './job-reader.js';
import { createJobWriter } from './job-writer.js';
import { createKeyRegister } from './key-register.js';
import { createRequestPermits } from './request-permits.js';
import { jobDraft, newOwner, type StorageServer } from './samples.contract.js';
import { createUsageReader } from './usage-reader.js';
import { createUserRegister } from './user-register.js';

/** What must hold when several processes ask for one owner at once: eight clients with a connection each. */
export function ownerRacesContract(server: StorageServer): void {
  let clients: Database[] = [];
  beforeAll(async () => {
    clients = await Promise.all(Array.from({ length: 8 }, () => server.open(1)));
  });
  const atOnce = <T>(times: number, work: (database: Database, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: times }, (_, index) => work(clients[index % clients.length]!, index)));

  describe('races of one owner', () => {
    it('never start more jobs than may run at once', async () => {
      const ownerId = newOwner();
      const limits = { ...NO_LIMITS, runningJobs: 5 };
      const answers = await atOnce(40, (database) =>
        createJobWriter(database, limits)
          .create(jobDraft(ownerId))
          .then(
            ({ kind }) => kind,
            (fault: unknown) => (fault as Fault).code,
          ),
      );
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(5);
      expect(answers.filter((answer) => answer === 'TOO_MANY_RUNNING_JOBS')).toHaveLength(35);
      const { items } = await createJobReader(clients[0]!).list(ownerId, {}, { limit: 100 });
      expect(items).toHaveLength(5);
      await Promise.all(items.map(({ id }) => createJobLog(clients[0]!).finish(id, { state: 'completed' })));
      expect((await createJobWriter(clients[0]!, limits).create(jobDraft(ownerId))).kind).toBe('created');
    });

    it('never ask for more pages than a day has, and count what was admitted', async () => {
      const { id } = await createUserRegister(clients[0]!).create({ name: 'races', limits: { ...NO_OVERRIDES, pagesPerDay: 7 } });
      const answers = await atOnce(40, (database, index) =>
        createJobWriter(database)
          .create(jobDraft(id, { dedupeKey: `${index >> 1}`, idempotency: { key: `${index}`, bodyHash: 'b' } }))
          .then(
            ({ kind }) => kind,
            (fault: unknown) => (fault as Fault).code,
          ),
      );
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(7);
      expect(new Set(answers)).toEqual(new Set(['created', 'attached', 'DAILY_PAGE_LIMIT']));
      expect(await createUsageReader(clients[0]!).get(id)).toMatchObject({ jobs: { total: 7, today: 7, running: 7 }, pagesToday: 7 });
    });

    it('never lease more permits than a minute has', async () => {
      const keyId = newOwner();
      const grants = await atOnce(80, (database, index) =>
        createRequestPermits(database).lease({ keyId, limit: 100, wanted: 1 + (index % 4) }),
      );
      expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(100);
      expect(grants.filter(({ granted, retryAfterMs }) => granted === 0 && retryAfterMs < 1)).toEqual([]);
    });

    it('leave a key with the secret of one rotation, and that of one before it', async () => {
      const { id } = await createUserRegister(clients[0]!).create({ name: 'races', limits: NO_OVERRIDES });
      const first = await createKeyRegister(clients[0]!).create({ ownerId: id, name: 'k', scopes: ['read'], expiresAt: null });
      const issued = await atOnce(16, (database) => createKeyRegister(database).rotate(first.key.id, 3_600));
      const secrets = [first, ...issued].map(({ secret }) => secret);
      const valid = await atOnce(secrets.length, (database, index) => createApiKeys(database).authenticate(secrets[index]!));
      expect(valid.filter((record) => record?.expiresAt === null)).toHaveLength(1);
      expect(valid.filter((record) => record !== null)).toHaveLength(2);
    });

    it('write the last use of a key once', async () => {
      const { id } = await createUserRegister(clients[0]!).create({ name: 'races', limits: NO_OVERRIDES });
      const { key, secret } = await createKeyRegister(clients[0]!).create({ ownerId: id, name: 'k', scopes: ['read'], expiresAt: null });
      await createApiKeys(clients[0]!).authenticate(secret);
      const { lastUsedAt } = await createKeyRegister(clients[0]!).get(key.id);
      expect(lastUsedAt).not.toBeNull();
      await atOnce(16, (database) => createApiKeys(database).authenticate(secret));
      expect((await createKeyRegister(clients[0]!).get(key.id)).lastUsedAt).toBe(lastUsedAt);
      await clients[0]!.dataSource.query(`update api_keys set last_used_at = last_used_at - interval '61 seconds' where id = $1`, [key.id]);
      await createApiKeys(clients[0]!).authenticate(secret);
      expect(Date.parse((await createKeyRegister(clients[0]!).get(key.id)).lastUsedAt!)).toBeGreaterThanOrEqual(Date.parse(lastUsedAt!));
    });
  });
}
