import { Fault } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { createDocumentReader } from './document-reader.js';
import { createDocumentWriter } from './document-writer.js';
import { createEmbeddingCache } from './embedding-cache.js';
import { createHostGate } from './host-gate.js';
import { createJobLog } from './job-log.js';
import { createJobReader } from './job-reader.js';
import { createJobWriter } from './job-writer.js';
import { chunkOf, createJob, documentOf, idOf, jobDraft, newOwner, type StorageServer, templateDraft } from './samples.contract.js';
import { createSiteReader } from './site-reader.js';
import { createTemplateStore } from './template-store.js';

/** What must hold when many do the same at once: eight clients with a connection each. */
export function racesContract(server: StorageServer): void {
  let clients: Database[] = [];
  beforeAll(async () => {
    clients = await Promise.all(Array.from({ length: 8 }, () => server.open(1)));
  });
  const atOnce = <T>(times: number, work: (database: Database, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: times }, (_, index) => work(clients[index % clients.length]!, index)));

  describe('races', () => {
    it('numbers events without a gap and counts each once, while each is sent twice', async () => {
      const job = await createJob(clients[0]!, newOwner());
      await atOnce(80, (database, index) =>
        createJobLog(database).append(job.id, `key ${index >> 1}`, { type: 'job.progress' }, { fetched: 1 }),
      );
      const events = await createJobReader(clients[0]!).events(job.id, 0, 1_000);
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
      expect(events.map(({ counts }) => counts?.fetched)).toEqual(events.map(({ seq }) => seq));
      expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted());
    });

    it('ends a job once', async () => {
      const job = await createJob(clients[0]!, newOwner());
      const states = ['completed', 'failed', 'cancelled'] as const;
      const answers = await atOnce(16, async (database, index) => {
        await createJobLog(database).append(job.id, `${index}`, { type: 'job.progress' });
        return createJobLog(database).finish(job.id, { state: states[index % 3]! });
      });
      expect(answers.filter(Boolean)).toHaveLength(1);
      const events = await createJobReader(clients[0]!).events(job.id, 0, 1_000);
      expect(events.filter(({ type }) => type !== 'job.progress')).toHaveLength(1);
      expect(events.at(-1)?.type).not.toBe('job.progress');
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    });

    it('starts a job once', async () => {
      const job = await createJob(clients[0]!, newOwner());
      await atOnce(8, (database) => createJobLog(database).started(job.id, { workflowId: job.workflowId, runId: 'run' }));
      expect(await createJobReader(clients[0]!).events(job.id, 0, 10)).toMatchObject([{ seq: 1, type: 'job.started' }]);
    });

    it('gives a turn of a host to one of many', async () => {
      const host = newOwner();
      for (const round of [1, 2]) {
        const turns = await atOnce(24, (database) => createHostGate(database).take(host, 600_000));
        expect(turns.filter(({ granted }) => granted)).toHaveLength(round === 1 ? 1 : 0);
        expect(turns.filter((turn) => !turn.granted && turn.waitMs < 500_000)).toEqual([]);
      }
    });

    it('makes one job of the same request, with and without an Idempotency-Key', async () => {
      const ownerId = newOwner();
      const draft = jobDraft(ownerId);
      const plain = await atOnce(16, (database) => createJobWriter(database).create(draft));
      expect(new Set(plain.map(idOf)).size).toBe(1);
      expect(plain.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      const keyed = await atOnce(16, (database, index) =>
        createJobWriter(database).create(
          jobDraft(ownerId, { dedupeKey: `keyed ${index % 2}`, idempotency: { key: 'same', bodyHash: `body ${index % 2}` } }),
        ),
      );
      expect(keyed.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      expect(keyed.filter(({ kind }) => kind === 'replayed')).toHaveLength(7);
      expect(keyed.filter(({ kind }) => kind === 'mismatch')).toHaveLength(8);
      const keys = await atOnce(16, (database, index) =>
        createJobWriter(database).create({ ...draft, idempotency: { key: `own ${index}`, bodyHash: 'b' } }),
      );
      expect(new Set([...plain, ...keys].map(idOf)).size).toBe(1);
    });

    it('starts anew or attaches while jobs end at the same time', async () => {
      const ownerId = newOwner();
      const draft = jobDraft(ownerId);
      await atOnce(48, async (database) => {
        const creation = await createJobWriter(database).create(draft);
        await createJobLog(database).finish(idOf(creation), { state: 'completed' });
      });
      const { items } = await createJobReader(clients[0]!).list(ownerId, {}, { limit: 1_000 });
      expect(items.length).toBeGreaterThan(0);
      for (const item of items) expect(item.state).toBe('completed');
    });

    it('stores a page of a job once', async () => {
      const job = await createJob(clients[0]!, newOwner());
      const answers = await atOnce(16, (database) => createDocumentWriter(database).store(documentOf(job), [chunkOf(0), chunkOf(1)]));
      expect(new Set(answers.map(({ documentId }) => documentId)).size).toBe(1);
      expect((await createJobReader(clients[0]!).get(job.ownerId, job.id))?.counts.stored).toBe(1);
    });

    it('leaves one current document when many jobs store the same page', async () => {
      const ownerId = newOwner();
      const jobs = await atOnce(16, (database) => createJob(database, ownerId));
      const answers = await atOnce(16, (database, index) => createDocumentWriter(database).store(documentOf(jobs[index]!), [chunkOf(0)]));
      const chunks = await atOnce(16, (database, index) => createDocumentReader(database).chunks(ownerId, answers[index]!.documentId));
      expect(chunks.filter((found) => found.length === 1)).toHaveLength(1);
      expect(
        await clients[0]!.dataSource.query('select count(*)::integer as count from documents where owner_id = $1 and is_current', [
          ownerId,
        ]),
      ).toEqual([{ count: 1 }]);
    });

    it('numbers template versions without a gap, with one active', async () => {
      const draft = templateDraft(`${newOwner()}.example`);
      await atOnce(24, (database, index) =>
        createTemplateStore(database).save({ ...draft, config: { ...draft.config, exclude: [`.v${index >> 1}`] } }),
      );
      const versions = await createSiteReader(clients[0]!).versions(draft.site, draft.templateId);
      expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: 12 }, (_, index) => 12 - index));
      expect(versions.filter(({ state }) => state === 'active')).toHaveLength(1);
    });

    it('caches overlapping vectors from many writers', async () => {
      const model = newOwner();
      const hashes = Array.from({ length: 60 }, (_, index) => `h${index}`);
      await atOnce(16, (database, index) => {
        const order = index % 2 === 0 ? hashes : hashes.toReversed();
        return createEmbeddingCache(database).put(model, new Map(order.map((hash) => [hash, [1, 2, 3]])));
      });
      expect((await createEmbeddingCache(clients[0]!).get(model, hashes)).size).toBe(60);
    });

    it('keeps the pool usable after failures inside transactions', async () => {
      const results = await atOnce(32, (database) =>
        createJobLog(database)
          .append('job_unknown', 'k', { type: 'job.progress' })
          .catch((error: unknown) => error),
      );
      for (const result of results) expect(result).toBeInstanceOf(Fault);
      await atOnce(8, (database) => createJob(database, newOwner()));
    });
  });
}
