import { NO_OVERRIDES, type OwnerLimits, SCOPES } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApiKeys } from './api-keys.js';
import type { Database } from './database.js';
import { createJobLog } from './job-log.js';
import { createJobWriter } from './job-writer.js';
import { createKeyRegister } from './key-register.js';
import { createOwnerRetention } from './owner-retention.js';
import { createRequestPermits } from './request-permits.js';
import { idOf, jobDraft, newOwner, type StorageServer } from './samples.contract.js';
import { createUsageReader } from './usage-reader.js';
import { createUserRegister } from './user-register.js';

const HOUR_S = 3_600;
const draftOf = (ownerId: string) => ({ ownerId, name: 'a key', scopes: ['read'] as const, expiresAt: null });

export function ownersContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open(1);
  });
  const newUser = () => createUserRegister(database).create({ name: newOwner(), limits: NO_OVERRIDES });

  keysContract(() => database, newUser);
  limitsContract(() => database, newUser);

  describe('users', () => {
    it('are listed newest first, with limits that change one by one', async () => {
      const users = createUserRegister(database);
      const first = await newUser();
      const second = await users.create({ name: 'n\0ul', limits: { ...NO_OVERRIDES, runningJobs: 3 } });
      expect(second).toMatchObject({ name: 'nul', limits: { requestsPerMinute: null, runningJobs: 3, pagesPerDay: null } });
      const page = await users.list({ limit: 1 });
      expect(page.items).toEqual([second]);
      expect((await users.list({ limit: 1, cursor: page.next! })).items).toEqual([first]);
      await expect(users.list({ limit: 1, cursor: 'bm90IGFuIGlk' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await users.change(second.id, { limits: { pagesPerDay: 0 } });
      expect(await users.change(second.id, { name: 'other', limits: { runningJobs: null } })).toEqual({
        ...second,
        name: 'other',
        limits: { requestsPerMinute: null, runningJobs: null, pagesPerDay: 0 },
      });
      expect(await users.change(`${second.id}\0`, { name: 'other' })).toEqual(await users.get(second.id));
      expect(await users.change(second.id, {})).toEqual(await users.get(second.id));
      await expect(users.get('usr_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(users.change('usr_none', { name: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('are told what they used', async () => {
      const { id } = await newUser();
      const writer = createJobWriter(database);
      await writer.create(jobDraft(id));
      const ended = await writer.create(jobDraft(id));
      await createJobLog(database).finish(idOf(ended), { state: 'completed' });
      await database.dataSource.query(
        `update jobs set usage = '{"modelCalls":2,"modelCallsAvoided":1,"tokens":30,"costUsd":0.5}' where id = $1`,
        [idOf(ended)],
      );
      const usage = createUsageReader(database);
      const expected = {
        ownerId: id,
        jobs: { total: 2, today: 2, running: 1 },
        pagesToday: 2,
        modelsToday: { calls: 2, callsAvoided: 1, tokens: 30, costUsd: 0.5 },
      };
      expect(await usage.get(id)).toMatchObject(expected);
      expect((await usage.list({ limit: 1 })).items).toMatchObject([expected]);
      await database.dataSource.query(`update owner_usage set day = day - 1 where owner_id = $1`, [id]);
      expect(await usage.get(id)).toMatchObject({ jobs: { total: 2, today: 0, running: 1 }, pagesToday: 0 });
      await expect(usage.get('usr_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('retention', () => {
    it('deletes what ended long ago, and nothing else', async () => {
      const { id } = await newUser();
      const register = createKeyRegister(database);
      const [kept, ended, rotated] = [
        await register.create(draftOf(id)),
        await register.create(draftOf(id)),
        await register.create(draftOf(id)),
      ];
      await register.revoke(ended.key.id);
      await register.rotate(rotated.key.id, HOUR_S);
      await createRequestPermits(database).lease({ keyId: kept.key.id, limit: 5, wanted: 1 });
      await createRequestPermits(database).lease({ keyId: ended.key.id, limit: 5, wanted: 1 });
      await database.dataSource.query(`update api_keys set revoked_at = now() - interval '31 days' where id = $1`, [ended.key.id]);
      await database.dataSource.query(`update api_keys set previous_valid_until = now() - interval '1 second' where id = $1`, [
        rotated.key.id,
      ]);
      await database.dataSource.query(`update request_windows set slot = slot - 4000 where key_id = $1`, [ended.key.id]);
      expect(await createOwnerRetention(database).sweep()).toBeGreaterThanOrEqual(3);
      const left = await register.list({ ownerId: id }, { limit: 10 });
      expect(left.items.map((key) => key.id)).toEqual([rotated.key.id, kept.key.id]);
      const secrets: unknown = await database.dataSource.query('select previous_hash from api_keys where id = $1', [rotated.key.id]);
      expect(secrets).toEqual([{ previous_hash: null }]);
      const windows: unknown = await database.dataSource.query('select key_id from request_windows where key_id = any($1)', [
        [kept.key.id, ended.key.id],
      ]);
      expect(windows).toEqual([{ key_id: kept.key.id }]);
    });
  });
}

function keysContract(current: () => Database, newUser: () => Promise<{ readonly id: string }>): void {
  describe('keys', () => {
    it('open what they say until they expire or are revoked', async () => {
      const { id: ownerId } = await newUser();
      const [register, keys] = [createKeyRegister(current()), createApiKeys(current())];
      const { key, secret } = await register.create({ ...draftOf(ownerId), scopes: ['jobs', 'read', 'jobs'] });
      expect(secret).toMatch(/^glk_[\w-]{43}$/);
      expect(key).toMatchObject({ ownerId, name: 'a key', scopes: ['jobs', 'read'], revokedAt: null, isFromEnvironment: false });
      expect(await keys.authenticate(secret)).toMatchObject({ id: key.id, ownerId, scopes: ['jobs', 'read'], limits: NO_OVERRIDES });
      await createUserRegister(current()).change(ownerId, { limits: { requestsPerMinute: 7 } });
      expect(await keys.authenticate(secret)).toMatchObject({ limits: { requestsPerMinute: 7 } });
      const revoked = await register.revoke(key.id);
      expect(revoked.revokedAt).not.toBeNull();
      expect(await register.revoke(key.id)).toEqual(revoked);
      expect(await keys.authenticate(secret)).toBeNull();
      await expect(register.rotate(key.id, 0)).rejects.toMatchObject({ code: 'CONFLICT' });
      const late = await register.create({ ...draftOf(ownerId), expiresAt: new Date(Date.now() - 1_000).toISOString() });
      expect(await keys.authenticate(late.secret)).toBeNull();
      const stored = JSON.stringify(await current().dataSource.query('select * from api_keys where owner_id = $1', [ownerId]));
      expect(stored).not.toContain(secret.slice(4));
    });

    it('get a new secret, while the old one is valid for the grace period only', async () => {
      const { id: ownerId } = await newUser();
      const [register, keys] = [createKeyRegister(current()), createApiKeys(current())];
      const first = await register.create(draftOf(ownerId));
      const second = await register.rotate(first.key.id, HOUR_S);
      expect(second.key).toMatchObject({ id: first.key.id, previousValidUntil: expect.any(String) });
      expect(await keys.authenticate(second.secret)).toMatchObject({ id: first.key.id, expiresAt: null });
      expect(await keys.authenticate(first.secret)).toMatchObject({ id: first.key.id, expiresAt: second.key.previousValidUntil });
      const third = await register.rotate(first.key.id, HOUR_S);
      expect(await keys.authenticate(first.secret)).toBeNull();
      expect(await keys.authenticate(second.secret)).not.toBeNull();
      await current().dataSource.query(`update api_keys set previous_valid_until = clock_timestamp() where id = $1`, [first.key.id]);
      expect(await keys.authenticate(second.secret)).toBeNull();
      const fourth = await register.rotate(first.key.id, 0);
      expect(fourth.key.previousValidUntil).toBeNull();
      expect(await keys.authenticate(third.secret)).toBeNull();
      expect(await keys.authenticate(fourth.secret)).not.toBeNull();
      await register.rotate(first.key.id, HOUR_S);
      await register.revoke(first.key.id);
      expect(await keys.authenticate(fourth.secret)).toBeNull();
    });

    it('are listed newest first, of all owners or of one', async () => {
      const [one, two] = [await newUser(), await newUser()];
      const register = createKeyRegister(current());
      const first = await register.create(draftOf(one.id));
      const foreign = await register.create(draftOf(two.id));
      const last = await register.create(draftOf(one.id));
      const page = await register.list({ ownerId: one.id }, { limit: 1 });
      expect(page.items).toEqual([last.key]);
      expect(await register.list({ ownerId: one.id }, { limit: 1, cursor: page.next! })).toEqual({ items: [first.key], next: null });
      expect((await register.list({}, { limit: 2 })).items).toEqual([last.key, foreign.key]);
      await expect(register.list({}, { limit: 2, cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });

    it('cannot be made for nobody, without bound, or from the key of the environment', async () => {
      const { id: ownerId } = await newUser();
      const register = createKeyRegister(current());
      await expect(register.create(draftOf('usr_none'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      for (const change of [register.get('key_none'), register.rotate('key_none', 1), register.revoke('key_none')])
        await expect(change).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await createApiKeys(current()).ensureAdmin(`glk_${newOwner()}`);
      const admin = (await register.list({ ownerId: `usr_${'0'.repeat(26)}` }, { limit: 10 })).items.at(-1);
      expect(admin).toMatchObject({ name: 'admin', isFromEnvironment: true, scopes: SCOPES });
      for (const change of [register.rotate(admin!.id, 1), register.revoke(admin!.id), register.revoke(`${admin!.id}\0`)])
        await expect(change).rejects.toMatchObject({ code: 'CONFLICT' });
      await current().dataSource.query(
        `insert into api_keys (id, owner_id, name, key_hash, scopes) select 'key_' || $1 || n, $1, 'n', sha256(($1 || n)::bytea), '{read}' from generate_series(1, 100) as n`,
        [ownerId],
      );
      await expect(register.create(draftOf(ownerId))).rejects.toMatchObject({ code: 'CONFLICT' });
      await current().dataSource.query('delete from api_keys where owner_id = $1', [ownerId]);
    });
  });
}

function limitsContract(current: () => Database, newUser: () => Promise<{ readonly id: string }>): void {
  describe('limits', () => {
    const limits: OwnerLimits = { requestsPerMinute: 0, runningJobs: 2, pagesPerDay: 3 };

    it('refuse the job that is one too many, and count nothing for it', async () => {
      const { id } = await newUser();
      const writer = createJobWriter(current(), limits);
      const draft = jobDraft(id);
      const first = await writer.create(draft);
      await writer.create(jobDraft(id));
      await expect(writer.create(jobDraft(id, { idempotency: { key: 'k', bodyHash: 'h' } }))).rejects.toMatchObject({
        code: 'TOO_MANY_RUNNING_JOBS',
        limit: { name: 'runningJobs', value: 2 },
        retryAfterMs: expect.any(Number),
      });
      expect(await writer.create(draft)).toMatchObject({ kind: 'attached' });
      await createJobLog(current()).finish(idOf(first), { state: 'completed' });
      expect(await writer.create(jobDraft(id, { idempotency: { key: 'k', bodyHash: 'h' } }))).toMatchObject({ kind: 'created' });
      const refused = await writer.create(jobDraft(id)).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'DAILY_PAGE_LIMIT', limit: { name: 'pagesPerDay', value: 3 } });
      expect((refused as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(86_400_000);
      expect(await createUsageReader(current()).get(id)).toMatchObject({ jobs: { total: 3, running: 2 }, pagesToday: 3 });
      await current().dataSource.query('update owner_usage set day = day - 1 where owner_id = $1', [id]);
      await expect(writer.create(jobDraft(id))).rejects.toMatchObject({ code: 'TOO_MANY_RUNNING_JOBS' });
    });

    it('are those of the owner where some were set, and 0 is none', async () => {
      const users = createUserRegister(current());
      const { id } = await users.create({ name: 'free', limits: { requestsPerMinute: null, runningJobs: 0, pagesPerDay: 5 } });
      const writer = createJobWriter(current(), limits);
      for (let count = 0; count < 5; count++) expect((await writer.create(jobDraft(id))).kind).toBe('created');
      await expect(writer.create(jobDraft(id))).rejects.toMatchObject({ code: 'DAILY_PAGE_LIMIT', limit: { value: 5 } });
      await users.change(id, { limits: { pagesPerDay: 0 } });
      expect((await writer.create(jobDraft(id))).kind).toBe('created');
    });

    it('give as many permits in a minute as there are, and say when the next one is free', async () => {
      const permits = createRequestPermits(current());
      const keyId = newOwner();
      expect(await permits.lease({ keyId, limit: 10, wanted: 4 })).toEqual({ granted: 4, retryAfterMs: 0 });
      expect(await permits.lease({ keyId, limit: 10, wanted: 20 })).toEqual({ granted: 6, retryAfterMs: 0 });
      const refused = await permits.lease({ keyId, limit: 10, wanted: 1 });
      expect(refused).toMatchObject({ granted: 0 });
      expect(refused.retryAfterMs).toBeGreaterThan(50_000);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(61_000);
      expect(await permits.lease({ keyId, limit: 11, wanted: 5 })).toMatchObject({ granted: 1 });
      expect(await permits.lease({ keyId, limit: 3, wanted: 5 })).toMatchObject({ granted: 0 });
      expect(await permits.lease({ keyId: newOwner(), limit: 10, wanted: 50 })).toMatchObject({ granted: 10 });
      await current().dataSource.query('update request_windows set slot = slot - 30 where key_id = $1', [keyId]);
      const later = await permits.lease({ keyId, limit: 11, wanted: 1 });
      expect(later).toMatchObject({ granted: 0 });
      expect(later.retryAfterMs).toBeLessThanOrEqual(31_000);
      await current().dataSource.query('update request_windows set slot = slot - 31 where key_id = $1', [keyId]);
      expect(await permits.lease({ keyId, limit: 11, wanted: 50 })).toMatchObject({ granted: 11 });
      // A clock of the past (who waited for the lock) takes from the newest second.
      await current().dataSource.query('update request_windows set slot = slot + 1000 where key_id = $1', [keyId]);
      expect(await permits.lease({ keyId, limit: 12, wanted: 50 })).toMatchObject({ granted: 1 });
    });
  });
}
