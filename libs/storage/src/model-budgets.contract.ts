import { randomUUID } from 'node:crypto';
import type { BudgetGrant, BudgetRequest, BudgetScope, ModelAmounts } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { createModelBudget } from './model-budgets.js';
import { createOwnerRetention } from './owner-retention.js';
import type { StorageServer } from './samples.contract.js';

const NONE: ModelAmounts = { calls: 0, tokens: 0, microUsd: 0 };
const ONE: ModelAmounts = { calls: 1, tokens: 100, microUsd: 50 };

const scope = (kind: BudgetScope['kind'], limits: Partial<ModelAmounts> = {}): BudgetScope => ({
  kind,
  key: `${kind}:${randomUUID()}`,
  limits: { ...NONE, ...limits },
});

const request = (scopes: readonly BudgetScope[], change: Partial<BudgetRequest> = {}): BudgetRequest => ({
  key: randomUUID(),
  candidate: 'gemini:g',
  scopes,
  amounts: ONE,
  holdMs: 60_000,
  ...change,
});

/** Reserve, settle, expire; from eight clients with a connection each where it matters. */
export function modelBudgetsContract(server: StorageServer): void {
  let clients: Database[] = [];
  beforeAll(async () => {
    clients = await Promise.all(Array.from({ length: 8 }, () => server.open(1)));
  });
  const budget = (index = 0) => createModelBudget(clients[index % clients.length]!);
  const used = async ({ key }: BudgetScope): Promise<unknown> =>
    (
      await clients[0]!.dataSource.query('select calls::int, tokens::int, micro_usd::int as usd from model_budgets where scope = $1', [key])
    )[0];
  const kinds = (grants: readonly BudgetGrant[]) => grants.filter(({ kind }) => kind === 'granted').length;

  describe('model budgets', () => {
    it('lets at most 7 of 20 parallel calls through, and counts them in every scope', async () => {
      const [job, day] = [scope('job', { calls: 7 }), scope('day')];
      const grants = await Promise.all(Array.from({ length: 20 }, (_, index) => budget(index).reserve(request([job, day]))));
      expect(kinds(grants)).toBe(7);
      expect(grants.find(({ kind }) => kind === 'refused')).toEqual({ kind: 'refused', scope: 'job', unit: 'calls', limit: 7 });
      expect(await used(job)).toEqual({ calls: 7, tokens: 700, usd: 350 });
      expect(await used(day)).toEqual({ calls: 7, tokens: 700, usd: 350 });
    });

    it.each([
      ['tokens', { tokens: 250 }],
      ['microUsd', { microUsd: 120 }],
    ] as const)('holds a limit of %s', async (unit, limits) => {
      const scopes = [scope('job'), scope('day', limits), scope('provider')];
      const grants = await Promise.all(Array.from({ length: 10 }, (_, index) => budget(index).reserve(request(scopes))));
      expect(kinds(grants)).toBe(2);
      expect(grants.find(({ kind }) => kind === 'refused')).toMatchObject({ scope: 'day', unit });
      expect(await used(scopes[0]!)).toMatchObject({ calls: 2 });
      expect(await used(scopes[2]!)).toMatchObject({ calls: 2 });
    });

    it('never charges a key twice, however often it is asked for and settled', async () => {
      const day = scope('day', { calls: 1 });
      const call = request([day]);
      expect(kinds(await Promise.all(Array.from({ length: 12 }, (_, index) => budget(index).reserve(call))))).toBe(12);
      expect(await used(day)).toEqual({ calls: 1, tokens: 100, usd: 50 });
      await Promise.all([1, 2, 3].map((index) => budget(index).settle(call, { calls: 1, tokens: 30, microUsd: 7 })));
      expect(await used(day)).toEqual({ calls: 1, tokens: 30, usd: 7 });
      // Failed without an answer: the attempt after it reserves again, and is the same call.
      expect(await budget().reserve(call)).toEqual({ kind: 'granted' });
      expect(await used(day)).toEqual({ calls: 1, tokens: 100, usd: 50 });
      expect(await budget().reserve(request([day]))).toMatchObject({ kind: 'refused' });
    });

    it('answers a settled key with what was kept, whoever is asked then', async () => {
      const day = scope('day');
      const call = request([day]);
      await budget().reserve(call);
      await budget().settle(call, ONE, { text: 'a\u0000b', list: [1] });
      expect(await budget(1).reserve(call)).toEqual({ kind: 'kept', answer: { text: 'ab', list: [1] } });
      expect(await budget(1).reserve({ ...call, candidate: 'openai:o' })).toMatchObject({ kind: 'kept' });
      expect(await used(day)).toEqual({ calls: 1, tokens: 100, usd: 50 });
    });

    it('charges the next model for itself', async () => {
      const [day, first, second] = [scope('day'), scope('provider'), scope('provider')];
      const call = request([day, first]);
      await budget().reserve(call);
      await budget().settle(call, { calls: 1, tokens: 0, microUsd: 0 });
      await budget().reserve({ ...call, candidate: 'openai:o', scopes: [day, second] });
      expect([await used(day), await used(first), await used(second)]).toEqual([
        { calls: 2, tokens: 100, usd: 50 },
        { calls: 1, tokens: 0, usd: 0 },
        { calls: 1, tokens: 100, usd: 50 },
      ]);
    });

    it('frees what a dead holder had when it is needed, and takes its late answer all the same', async () => {
      const day = scope('day', { calls: 1 });
      const dead = request([day], { holdMs: 0 });
      await budget().reserve(dead);
      expect(await budget(1).reserve(request([day]))).toEqual({ kind: 'granted' });
      expect(await used(day)).toEqual({ calls: 1, tokens: 100, usd: 50 });
      await budget().settle(dead, ONE, 'late');
      expect(await used(day)).toEqual({ calls: 2, tokens: 200, usd: 100 });
      expect(await budget().reserve(dead)).toEqual({ kind: 'kept', answer: 'late' });
    });

    it('refuses a first call that is larger than its limit, and leaves nothing behind', async () => {
      const day = scope('day', { tokens: 99 });
      const call = request([day]);
      expect(await budget().reserve(call)).toEqual({ kind: 'refused', scope: 'day', unit: 'tokens', limit: 99 });
      expect(await used(day)).toBeUndefined();
      expect(await clients[0]!.dataSource.query('select 1 from model_reservations where key = $1', [call.key])).toEqual([]);
    });

    it('sweeps dead holders and what is old', async () => {
      const day = scope('day');
      await budget().reserve(request([day], { holdMs: 0 }));
      const old = request([day]);
      await budget().settle(old, ONE, 'kept');
      await clients[0]!.dataSource.query(`update model_reservations set expires_at = now() - interval '1 second' where key = $1`, [
        old.key,
      ]);
      expect(await createOwnerRetention(clients[0]!).sweep()).toBeGreaterThanOrEqual(2);
      expect(await used(day)).toEqual({ calls: 1, tokens: 100, usd: 50 });
      expect(await budget().reserve(old)).toEqual({ kind: 'granted' });
    });
  });
}
