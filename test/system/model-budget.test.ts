import { readSettings } from '@gleaner/domain';
import { afterAll, describe, expect, it } from 'vitest';
import { type Models, createModels } from '../../libs/models/src/create-models.js';
import { completion } from '../../libs/models/src/test-support/openai-wire.js';
import { callOf, never } from '../../libs/models/src/test-support/simulation.js';
import { startWire } from '../../libs/models/src/test-support/wire-server.js';
import { type Database, openDatabase } from '../../libs/storage/src/database.js';
import { createModelBudget } from '../../libs/storage/src/model-budgets.js';
import { migrate } from '../../libs/storage/src/schema.js';
import { startTestPostgres } from '../../tools/test-postgres.mjs';

const WORKERS = 4;
const server = await startTestPostgres();
const absence = 'unavailable' in server ? `: there is none here (${server.unavailable})` : '';

/** Models, budget and database together, as workers have them: each a pool, a breaker and a rate of its own. */
describe.skipIf('unavailable' in server)(`model budgets of several workers on PostgreSQL${absence}`, () => {
  const databases: Database[] = [];
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    if ('stop' in server) await server.stop();
  });

  it('let at most 7 of 20 parallel calls out, and answer all that are made again without a call', async () => {
    const wire = await startWire(() => completion('ok'));
    const read = readSettings({ OPENAI_API_KEY: 'sk-secret', GLEANER_MODEL_CALLS_PER_JOB: '7' });
    if (!read.ok || !('url' in server)) throw new Error('there is nothing to test with');
    const workers: Models[] = [];
    for (let index = 0; index < WORKERS; index++) {
      const database = await openDatabase({ url: server.url, poolSize: 4, applicationName: 'models' });
      databases.push(database);
      if (index === 0) await migrate(database);
      workers.push(createModels({ settings: read.settings, budget: createModelBudget(database), endpoints: { openai: wire.url } }));
    }
    const calls = Array.from({ length: 20 }, () => callOf());
    const ask = async (shift: number): Promise<string[]> =>
      Promise.all(
        calls.map(async (call, index) => {
          const { language } = workers[(index + shift) % WORKERS]!;
          return language!.text(call, never).then(
            ({ text }) => text,
            (fault: { readonly code: string }) => fault.code,
          );
        }),
      );
    const first = await ask(0);
    expect(first.filter((end) => end === 'ok')).toHaveLength(7);
    expect(first.filter((end) => end === 'MODEL_BUDGET_REACHED')).toHaveLength(13);
    expect(wire.requests).toHaveLength(7);
    // Every activity is tried again, by another worker.
    expect(await ask(1)).toEqual(first);
    expect(wire.requests).toHaveLength(7);
    const sums: unknown = await databases[0]!.dataSource.query(
      `select calls::int, tokens::int from model_budgets where scope = 'job:job_1'`,
    );
    expect(sums).toEqual([{ calls: 7, tokens: 7 * 18 }]);
    await wire.close();
  });
});
