import type { OwnerRetention } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { ADMIN } from './key-secret.js';
import { createModelBudget } from './model-budgets.js';
import { rows } from './statement.js';
import { withManager } from './transaction.js';

/** A sweep takes so many rows of each kind; the next one takes the rest. */
const ROWS_A_SWEEP = 1_000;

/** Long enough to see in the list what was revoked and when. */
const ENDED_KEYS = `
  delete from api_keys where id in (
    select id from api_keys where id <> '${ADMIN.id}' and least(revoked_at, expires_at) < clock_timestamp() - interval '30 days'
    limit ${ROWS_A_SWEEP}
  ) returning id`;

const PAST_SECRETS = `
  update api_keys set previous_hash = null, previous_valid_until = null where id in (
    select id from api_keys where previous_valid_until < clock_timestamp() limit ${ROWS_A_SWEEP}
  ) and previous_valid_until < clock_timestamp() returning id`;

/** A window counts for a minute; an hour leaves room for clocks. */
const OLD_WINDOWS = `
  delete from request_windows where key_id in (
    select key_id from request_windows where slot < extract(epoch from clock_timestamp()) - 3600 limit ${ROWS_A_SWEEP}
  ) and slot < extract(epoch from clock_timestamp()) - 3600 returning key_id`;

/** What keys, rates and models leave behind. */
export function createOwnerRetention(database: Database): OwnerRetention {
  const models = createModelBudget(database);
  return { sweep: async () => (await withManager(database, sweep)) + (await models.sweep()) };
}

async function sweep(manager: EntityManager): Promise<number> {
  let changed = 0;
  for (const statement of [ENDED_KEYS, PAST_SECRETS, OLD_WINDOWS]) changed += (await rows(manager, statement)).length;
  return changed;
}
