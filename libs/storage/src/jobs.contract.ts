import { type FailureReport, Fault, ZERO_COUNTS } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { createJobLog } from './job-log.js';
import { createJobReader } from './job-reader.js';
import { createJobWriter } from './job-writer.js';
import { createJob, idOf, jobDraft, newOwner, type StorageServer } from './samples.contract.js';

/** Runs on one connection: nothing here may need a second one while it holds the first. */
export function jobsContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  describe('job writer', () => {
    it('creates a queued job whose workflow id names kind, host and job', async () => {
      const ownerId = newOwner();
      const job = await createJob(database, ownerId, { labels: ['a', 'b "c"'], options: { deep: { x: [1] } }, priority: 5 });
      expect(job).toMatchObject({
        ownerId,
        kind: 'extract',
        state: 'queued',
        labels: ['a', 'b "c"'],
        options: { deep: { x: [1] } },
        priority: 5,
        counts: ZERO_COUNTS,
        error: null,
        result: null,
        runId: null,
        startedAt: null,
        finishedAt: null,
        workflowId: `extract/example.com/${job.id}`,
      });
      expect(job.id).toMatch(/^job_[0-9A-Z]{26}$/);
      expect(await createJobReader(database).get(ownerId, job.id)).toEqual(job);
    });

    it('attaches the same request while the first is not final, and starts anew after', async () => {
      const writer = createJobWriter(database);
      const draft = jobDraft(newOwner(), { dedupeKey: 'x'.repeat(9_000) });
      const first = await writer.create(draft);
      const second = await writer.create(draft);
      expect([first.kind, second.kind]).toEqual(['created', 'attached']);
      expect(second).toMatchObject({ job: { id: idOf(first) } });
      expect((await writer.create({ ...draft, ownerId: newOwner() })).kind).toBe('created');
      await createJobLog(database).finish(idOf(first), { state: 'completed' });
      const third = await writer.create(draft);
      expect(third.kind).toBe('created');
      expect(idOf(third)).not.toBe(idOf(first));
    });

    it('replays an Idempotency-Key with the same body, also when it was attached and its job has ended', async () => {
      const writer = createJobWriter(database);
      const ownerId = newOwner();
      const plain = jobDraft(ownerId);
      const keyed = { ...plain, idempotency: { key: 'k'.repeat(5_000), bodyHash: 'h1' } };
      const first = await writer.create(plain);
      expect(await writer.create(keyed)).toMatchObject({ kind: 'attached', job: { id: idOf(first) } });
      await createJobLog(database).finish(idOf(first), { state: 'completed' });
      expect(await writer.create(keyed)).toMatchObject({ kind: 'replayed', job: { id: idOf(first), state: 'completed' } });
      expect(await writer.create({ ...keyed, idempotency: { ...keyed.idempotency, bodyHash: 'h2' } })).toEqual({ kind: 'mismatch' });
      expect((await writer.create({ ...keyed, ownerId: newOwner() })).kind).toBe('created');
    });

    it('stores text that PostgreSQL cannot hold without what it cannot hold', async () => {
      const job = await createJob(database, newOwner(), { labels: ['n\0ul'], options: { 'k\0': 'v\0\ud800' } });
      expect(job).toMatchObject({ labels: ['nul'], options: { k: 'v\ufffd' } });
    });
  });

  describe('job log', () => {
    it('tells the story once, with numbers without a gap and the counts after each event', async () => {
      const log = createJobLog(database);
      const reader = createJobReader(database);
      const job = await createJob(database, newOwner());
      const run = { workflowId: job.workflowId, runId: 'run-1' };
      await log.started(job.id, run);
      await log.started(job.id, run);
      for (const key of ['fetch', 'fetch', 'extract', 'fetch']) {
        await log.append(job.id, key, { type: 'job.progress', stage: 'fetch', url: 'https://example.com/', message: key }, { fetched: 1 });
      }
      expect(await log.finish(job.id, { state: 'completed', result: { documentId: 'doc_1' } })).toBe(true);
      const events = await reader.events(job.id, 0, 100);
      expect(events.map(({ seq, type, counts }) => [seq, type, counts?.fetched])).toEqual([
        [1, 'job.started', 0],
        [2, 'job.progress', 1],
        [3, 'job.progress', 2],
        [4, 'job.completed', 2],
      ]);
      expect(events[1]).toEqual({
        seq: 2,
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        type: 'job.progress',
        job: job.id,
        stage: 'fetch',
        url: 'https://example.com/',
        message: 'fetch',
        counts: { ...ZERO_COUNTS, fetched: 1 },
      });
      expect(await reader.get(job.ownerId, job.id)).toMatchObject({
        state: 'completed',
        result: { documentId: 'doc_1' },
        runId: 'run-1',
        counts: { fetched: 2 },
      });
    });

    it('leaves a final job as it is: no state, no counter, no event', async () => {
      const log = createJobLog(database);
      const reader = createJobReader(database);
      const job = await createJob(database, newOwner());
      const error: FailureReport = { code: 'DNS_FAILED', detail: 'no such host', retryable: true };
      expect(await log.finish(job.id, { state: 'failed', error })).toBe(true);
      const before = await reader.get(job.ownerId, job.id);
      expect(await log.finish(job.id, { state: 'completed', result: {} })).toBe(false);
      await log.append(job.id, 'late', { type: 'job.progress' }, { fetched: 1 });
      await log.started(job.id, { workflowId: 'other', runId: 'other' });
      expect(await reader.get(job.ownerId, job.id)).toEqual(before);
      expect(before).toMatchObject({ state: 'failed', error, result: null });
      expect(await reader.events(job.id, 0, 10)).toMatchObject([{ seq: 1, type: 'job.failed', error }]);
    });

    it('keeps a later run id without a second start', async () => {
      const log = createJobLog(database);
      const job = await createJob(database, newOwner());
      await log.started(job.id, { workflowId: job.workflowId, runId: 'run-1' });
      const first = await createJobReader(database).get(job.ownerId, job.id);
      await log.started(job.id, { workflowId: job.workflowId, runId: 'run-2' });
      expect(await createJobReader(database).get(job.ownerId, job.id)).toEqual({ ...first, runId: 'run-2' });
    });

    it('takes keys of any length and text with NUL, refuses unknown jobs and final events', async () => {
      const log = createJobLog(database);
      const job = await createJob(database, newOwner());
      for (const end of ['a', 'b', 'a']) await log.append(job.id, 'k'.repeat(20_000) + end, { type: 'job.progress', message: 'n\0ul' });
      expect(await createJobReader(database).events(job.id, 0, 10)).toMatchObject([{ seq: 1, message: 'nul' }, { seq: 2 }]);
      await expect(log.append('job_unknown', 'k', { type: 'job.progress' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(log.append(job.id, 'k', { type: 'job.completed' })).rejects.toBeInstanceOf(Fault);
    });
  });

  readerContract(() => database);
}

function readerContract(current: () => Database): void {
  describe('job reader', () => {
    it('shows nothing of other owners, and nothing for ids that cannot exist', async () => {
      const job = await createJob(current(), newOwner());
      const reader = createJobReader(current());
      expect(await reader.get(newOwner(), job.id)).toBeNull();
      expect(await reader.get(job.ownerId, "job_'\0")).toBeNull();
      expect(await reader.events('job_\0', 0, 10)).toEqual([]);
    });

    it('pages newest first and filters', async () => {
      const reader = createJobReader(current());
      const ownerId = newOwner();
      const jobs = [];
      for (let count = 0; count < 5; count++) jobs.push(await createJob(current(), ownerId, { labels: count % 2 === 0 ? ['even'] : [] }));
      const newest = jobs.map(({ id }) => id).toReversed();
      const first = await reader.list(ownerId, {}, { limit: 2 });
      const second = await reader.list(ownerId, {}, { limit: 2, cursor: first.next ?? '' });
      const third = await reader.list(ownerId, {}, { limit: 2, cursor: second.next ?? '' });
      expect([first, second, third].map((page) => page.items.map(({ id }) => id))).toEqual([
        newest.slice(0, 2),
        newest.slice(2, 4),
        newest.slice(4),
      ]);
      expect(third.next).toBeNull();
      expect(
        (await reader.list(ownerId, { labels: ['even'], kind: 'extract', state: 'queued', since: '2020-01-01T00:00:00Z' }, { limit: 9 }))
          .items,
      ).toHaveLength(3);
      expect((await reader.list(ownerId, { state: 'failed' }, { limit: 9 })).items).toEqual([]);
      expect((await reader.list(ownerId, { since: '2999-01-01T00:00:00Z' }, { limit: 9 })).items).toEqual([]);
    });

    it.each([
      ['empty', ''],
      ['not base64url', '%%%'],
      ['nonsense', 'nonsense'],
      ['of another id', Buffer.from('job_1').toString('base64url')],
      ['huge', 'A'.repeat(5_000)],
    ])('refuses a cursor by name: %s', async (_, cursor) => {
      const list = createJobReader(current()).list(newOwner(), {}, { limit: 2, cursor });
      await expect(list).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('cursor') });
    });

    it('reads events of many jobs at once, fairly and without a gap', async () => {
      const log = createJobLog(current());
      const [busy, quiet] = [await createJob(current(), newOwner()), await createJob(current(), newOwner())];
      for (let count = 1; count <= 6; count++) await log.append(busy.id, `${count}`, { type: 'job.progress' });
      await log.append(quiet.id, '1', { type: 'job.progress' });
      const found = await createJobReader(current()).eventsOfMany(
        new Map([
          [busy.id, 2],
          [quiet.id, 0],
        ]),
        3,
      );
      const seqsOf = (jobId: string) => found.filter(({ job }) => job === jobId).map(({ seq }) => seq);
      expect([seqsOf(busy.id), seqsOf(quiet.id)]).toEqual([[3, 4], [1]]);
      expect(await createJobReader(current()).eventsOfMany(new Map(), 3)).toEqual([]);
    });

    it('finds what has not ended and has not changed', async () => {
      const reader = createJobReader(current());
      const [waiting, ended] = [await createJob(current(), newOwner()), await createJob(current(), newOwner())];
      await createJobLog(current()).finish(ended.id, { state: 'cancelled' });
      const ids = (await reader.unfinished(new Date(Date.now() + 60_000), 1_000)).map(({ id }) => id);
      expect(ids).toContain(waiting.id);
      expect(ids).not.toContain(ended.id);
      expect(await reader.unfinished(new Date(0), 10)).toEqual([]);
    });
  });
}
