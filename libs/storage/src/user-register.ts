import { Fault, type UserRecord, type UserRegister } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { boundedLimit, decodeCursor, pageOf } from './cursor.js';
import type { Database } from './database.js';
import { UserEntity } from './entities/user.entity.js';
import { newId } from './identifiers.js';
import { rows } from './statement.js';
import { storableText } from './storable-text.js';
import { inTransaction, withManager } from './transaction.js';

/** Ids of users: also those that other programs brought along. */
export const USER_ID = /^usr_[\w-]{1,64}$/;
const MAX_USERS = 10_000;

export function createUserRegister(database: Database): UserRegister {
  return {
    list: (page) =>
      withManager(database, async (manager) => {
        const limit = boundedLimit(page.limit);
        const query = manager.createQueryBuilder(UserEntity, 'owner');
        if (page.cursor !== undefined) query.where('owner.id < :lastId', { lastId: decodeCursor(page.cursor, USER_ID) });
        const found = await query
          .orderBy('owner.id', 'DESC')
          .limit(limit + 1)
          .getMany();
        return pageOf(found, limit, { item: userRecord, id: (user) => user.id });
      }),

    get: (userId) => withManager(database, async (manager) => userRecord(await known(manager, userId))),

    create: ({ name, limits }) =>
      inTransaction(database, async (manager) => {
        const id = newId('user');
        const created = await rows(
          manager,
          `
          insert into users (id, name, requests_per_minute, running_jobs, pages_per_day)
          select $1, $2, $3::integer, $4::integer, $5::integer where (select count(*) from users) < ${MAX_USERS} returning id`,
          [id, name, limits.requestsPerMinute, limits.runningJobs, limits.pagesPerDay],
        );
        if (created.length === 0)
          throw new Fault('CONFLICT', { detail: `There are ${MAX_USERS} users, which is as many as there may be.` });
        return userRecord(await known(manager, id));
      }),

    change: (userId, change) =>
      inTransaction(database, async (manager) => {
        const { id } = await known(manager, userId);
        const fields = { ...change.limits, ...(change.name === undefined ? {} : { name: storableText(change.name) }) };
        if (Object.keys(fields).length > 0) await manager.update(UserEntity, { id }, fields);
        return userRecord(await known(manager, id));
      }),
  };
}

async function known(manager: EntityManager, userId: string): Promise<UserEntity> {
  const found = await manager.findOneBy(UserEntity, { id: storableText(userId) });
  if (found === null) throw new Fault('NOT_FOUND', { detail: `There is no user ${userId}.` });
  return found;
}

function userRecord({ id, name, createdAt, requestsPerMinute, runningJobs, pagesPerDay }: UserEntity): UserRecord {
  return { id, name, createdAt: createdAt.toISOString(), limits: { requestsPerMinute, runningJobs, pagesPerDay } };
}
