import { Fault, type JobFilter, type JobReader } from '@gleaner/domain';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { boundedLimit, decodeCursor, pageOf } from './cursor.js';
import type { Database } from './database.js';
import { JobEntity } from './entities/job.entity.js';
import { JobEventEntity } from './entities/job-event.entity.js';
import { jobEvent, jobRecord } from './job-record.js';
import { rows } from './statement.js';
import { storableText } from './storable-text.js';
import { withManager } from './transaction.js';

const JOB_ID = /^job_[0-9A-HJKMNP-TV-Z]{26}$/;

export function createJobReader(database: Database): JobReader {
  return {
    get: (ownerId, jobId) =>
      withManager(database, async (manager) => {
        const found = await manager.findOneBy(JobEntity, { id: storableText(jobId), ownerId: storableText(ownerId) });
        return found === null ? null : jobRecord(found);
      }),

    list: (ownerId, filter, page) =>
      withManager(database, async (manager) => {
        const limit = boundedLimit(page.limit);
        const query = filtered(manager.createQueryBuilder(JobEntity, 'job').where('job.ownerId = :ownerId', { ownerId }), filter);
        if (page.cursor !== undefined) query.andWhere('job.id < :lastId', { lastId: decodeCursor(page.cursor, JOB_ID) });
        const found = await query
          .orderBy('job.id', 'DESC')
          .limit(limit + 1)
          .getMany();
        return pageOf(found, limit, { item: jobRecord, id: (job) => job.id });
      }),

    events: (jobId, afterSeq, limit) =>
      withManager(database, async (manager) => {
        const query = manager.createQueryBuilder(JobEventEntity, 'event').where('event.jobId = :jobId', { jobId: storableText(jobId) });
        const found = await query.andWhere('event.seq > :afterSeq', { afterSeq }).orderBy('event.seq').limit(boundedLimit(limit)).getMany();
        return found.map(jobEvent);
      }),

    eventsOfMany: (after, limit) => withManager(database, async (manager) => (await eventsOfMany(manager, after, limit)).map(jobEvent)),

    unfinished: (before, limit) =>
      withManager(database, async (manager) => {
        const found = await manager
          .createQueryBuilder(JobEntity, 'job')
          .where(`job.state in ('queued', 'running', 'paused')`)
          .andWhere('job.updatedAt < :before', { before })
          // Those that never began first: healthy jobs that wait must not hide one whose start was lost.
          .orderBy('case when job.runId is null then 0 else 1 end')
          .addOrderBy('job.updatedAt')
          .addOrderBy('job.id')
          .limit(boundedLimit(limit))
          .getMany();
        return found.map(jobRecord);
      }),
  };
}

function filtered(query: SelectQueryBuilder<JobEntity>, { kind, state, labels = [], since }: JobFilter): SelectQueryBuilder<JobEntity> {
  if (kind !== undefined) query.andWhere('job.kind = :kind', { kind });
  if (state !== undefined) query.andWhere('job.state = :state', { state });
  if (labels.length > 0) query.andWhere('job.labels @> cast(:labels as text[])', { labels: labels.map(storableText) });
  if (since !== undefined) query.andWhere('job.createdAt >= :since', { since: timeOf(since) });
  return query;
}

function timeOf(since: string): Date {
  const time = new Date(since);
  if (Number.isNaN(time.getTime()))
    throw new Fault('INVALID_INPUT', { detail: 'since: is not an ISO 8601 time, like 2026-01-31T12:00:00Z.' });
  return time;
}

/**
 * The limit counts all events. Each job gives its earliest first, in turns, so that a busy job cannot keep the others from
 * being read, and what is returned of a job has no gap.
 */
async function eventsOfMany(manager: EntityManager, after: ReadonlyMap<string, number>, limit: number): Promise<JobEventEntity[]> {
  if (after.size === 0) return [];
  return rows<JobEventEntity>(
    manager,
    `
    select * from (
      select event.*
      from unnest($1::text[], $2::integer[]) as seen (id, seq)
      cross join lateral (
        select job_id as "jobId", seq, type, stage, url, message, error, counts, at
        from job_events where job_id = seen.id and seq > seen.seq order by seq limit $3
      ) as event
      order by event.seq - seen.seq, event."jobId" limit $3
    ) as fair order by "jobId", seq`,
    [[...after.keys()], [...after.values()], boundedLimit(limit)],
  );
}
