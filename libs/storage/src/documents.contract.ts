import type { Chunk, EmbeddedChunk } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { createDocumentReader } from './document-reader.js';
import { createDocumentWriter } from './document-writer.js';
import { createEmbeddingCache } from './embedding-cache.js';
import { createJobLog } from './job-log.js';
import { createJobReader } from './job-reader.js';
import { chunkOf, createJob, documentOf, newOwner, type StorageServer } from './samples.contract.js';
import { createSnapshotIndex } from './snapshot-index.js';

export function documentsContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  describe('documents', () => {
    it('gives back what was stored', async () => {
      const job = await createJob(database, newOwner());
      const document = documentOf(job);
      const chunks = [chunkOf(0), chunkOf(1, { vector: null, headings: [] })];
      const { documentId } = await createDocumentWriter(database).store(document, chunks);
      const reader = createDocumentReader(database);
      expect(await reader.get(job.ownerId, documentId)).toEqual({ id: documentId, ...document });
      expect(await reader.chunks(job.ownerId, documentId)).toEqual(chunks.map(withoutVector));
      expect(await reader.get(newOwner(), documentId)).toBeNull();
      expect(await reader.many(job.ownerId, ['doc_none', documentId])).toEqual([{ id: documentId, ...document }]);
      expect([await reader.many(newOwner(), [documentId]), await reader.many(job.ownerId, [])]).toEqual([[], []]);
      expect(await reader.chunks(newOwner(), documentId)).toEqual([]);
      const stored: unknown = await database.dataSource.query(
        'select embedding::text, embedding_model from chunks where document_id = $1 order by ordinal',
        [documentId],
      );
      expect(stored).toEqual([
        { embedding: '[0.5,-1,0]', embedding_model: 'm-3' },
        { embedding: null, embedding_model: null },
      ]);
    });

    it('stores a page once per job, with one event and one count', async () => {
      const job = await createJob(database, newOwner());
      const writer = createDocumentWriter(database);
      const first = await writer.store(documentOf(job), [chunkOf(0)]);
      const page = { ...documentOf(job).page, title: 'Another' };
      expect(await writer.store(documentOf(job, { page }), [chunkOf(0), chunkOf(1)])).toEqual(first);
      expect(await createDocumentReader(database).get(job.ownerId, first.documentId)).toMatchObject({ page: { title: 'A title' } });
      const events = await createJobReader(database).events(job.id, 0, 10);
      expect(events).toMatchObject([{ seq: 1, type: 'page.stored', stage: 'store', url: documentOf(job).url, counts: { stored: 1 } }]);
    });

    it('makes the document of a later job the current one and takes the chunks of the older', async () => {
      const ownerId = newOwner();
      const writer = createDocumentWriter(database);
      const [one, two, other] = [
        await createJob(database, ownerId),
        await createJob(database, ownerId),
        await createJob(database, newOwner()),
      ];
      const older = await writer.store(documentOf(one), [chunkOf(0)]);
      const foreign = await writer.store(documentOf(other), [chunkOf(0)]);
      const newer = await writer.store(documentOf(two), [chunkOf(0), chunkOf(1)]);
      const reader = createDocumentReader(database);
      expect(await reader.get(ownerId, older.documentId)).not.toBeNull();
      expect(await reader.chunks(ownerId, older.documentId)).toEqual([]);
      expect(await reader.chunks(ownerId, newer.documentId)).toHaveLength(2);
      expect(await reader.chunks(other.ownerId, foreign.documentId)).toHaveLength(1);
    });

    it('adds nothing to a job that has ended, but still names what it stored', async () => {
      const writer = createDocumentWriter(database);
      const job = await createJob(database, newOwner());
      const first = await writer.store(documentOf(job), []);
      await createJobLog(database).finish(job.id, { state: 'cancelled' });
      expect(await writer.store(documentOf(job), [])).toEqual(first);
      await expect(writer.store(documentOf(job, { urlKey: 'https://example.com/late' }), [])).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('rolls everything back when a chunk cannot be stored', async () => {
      const job = await createJob(database, newOwner());
      const store = createDocumentWriter(database).store(documentOf(job), [chunkOf(0), chunkOf(0)]);
      await expect(store).rejects.toMatchObject({ code: 'INTERNAL', message: expect.not.stringContaining('Piece') });
      expect(await createJobReader(database).events(job.id, 0, 10)).toEqual([]);
      expect((await createDocumentWriter(database).store(documentOf(job), [chunkOf(0)])).documentId).toMatch(/^doc_/);
    });

    it('takes hostile text, long URLs and many large chunks', async () => {
      const job = await createJob(database, newOwner());
      const urlKey = `https://example.com/${Array.from({ length: 1_000 }, (_, index) => (index * 7_919).toString(36)).join('/')}`;
      const page = { ...documentOf(job).page, title: 'n\0ul', markdown: '\0\ud800x', fields: { 'a\0': ['\udc00'] } };
      const headings = Array.from({ length: 40 }, (_, index) => `${index} `.repeat(3_000));
      const chunks = [
        ...Array.from({ length: 250 }, (_, index) => chunkOf(index, { text: `word${index} `.repeat(300) })),
        chunkOf(250, { text: `${'ab '.repeat(200_000)}\0`, headings }),
      ];
      const { documentId } = await createDocumentWriter(database).store(documentOf(job, { page, urlKey }), chunks);
      expect(await createDocumentReader(database).get(job.ownerId, documentId)).toMatchObject({
        urlKey,
        page: { title: 'nul', markdown: '\ufffdx', fields: { a: ['\ufffd'] } },
      });
      const found = await createDocumentReader(database).chunks(job.ownerId, documentId);
      expect(found.map(({ ordinal }) => ordinal)).toEqual(chunks.map(({ ordinal }) => ordinal));
    });

    it('finds chunks by words and by vectors of different lengths', async () => {
      const ownerId = newOwner();
      const writer = createDocumentWriter(database);
      const english = await writer.store(documentOf(await createJob(database, ownerId), { urlKey: 'https://example.com/1' }), [
        chunkOf(0, { text: 'quick brown fox', headings: ['Über Füchse'] }),
      ]);
      await writer.store(
        documentOf(await createJob(database, ownerId), {
          urlKey: 'https://example.com/2',
          embedding: { mode: 'vector', model: 'm-2', dimensions: 2 },
        }),
        [chunkOf(0, { vector: [1, 0] })],
      );
      const query = 'select document_id as id from chunks where owner_id = $1 and ';
      expect(await database.dataSource.query(`${query} search @@ websearch_to_tsquery('simple', $2)`, [ownerId, 'füchse fox'])).toEqual([
        { id: english.documentId },
      ]);
      expect(
        await database.dataSource.query(`${query} embedding_model = $2 order by embedding <=> $3::vector`, [ownerId, 'm-3', '[1,0,0]']),
      ).toEqual([{ id: english.documentId }]);
    });
  });

  describe('embedding cache', () => {
    it('keeps vectors per model, and the first of two', async () => {
      const cache = createEmbeddingCache(database);
      const model = newOwner();
      const vectors = new Map(Array.from({ length: 450 }, (_, index) => [`sha256:${index}`, [index, 0.25, -1e-7]] as const));
      await cache.put(model, vectors);
      await cache.put(model, new Map([['sha256:1', [9, 9, 9]]]));
      const found = await cache.get(model, [...vectors.keys(), 'sha256:absent']);
      expect(found.size).toBe(450);
      expect(found.get('sha256:1')).toEqual([1, 0.25, expect.closeTo(-1e-7, 12)]);
      expect((await cache.get(`${model}-other`, ['sha256:1'])).size).toBe(0);
      expect((await cache.get(model, [])).size).toBe(0);
    });
  });

  describe('snapshot index', () => {
    it('keeps the newest snapshot of a page', async () => {
      const index = createSnapshotIndex(database);
      const urlKey = `https://example.com/${newOwner()}/${'x'.repeat(5_000)}`;
      const snapshot = {
        body: { hash: `sha256:${'c'.repeat(64)}`, bytes: 3 },
        url: urlKey,
        finalUrl: urlKey,
        status: 200,
        contentType: 'text/html',
        charset: 'utf-8',
        method: 'http',
        fetchedAt: '2026-01-02T00:00:00.000Z',
        etag: '"a"',
        redirects: [],
      } as const;
      expect(await index.latest(urlKey)).toBeNull();
      await index.save(urlKey, snapshot);
      await index.save(urlKey, { ...snapshot, fetchedAt: '2026-01-01T00:00:00.000Z', etag: '"old"' });
      expect(await index.latest(urlKey)).toEqual(snapshot);
      await index.save(urlKey, { ...snapshot, fetchedAt: '2026-01-03T00:00:00.000Z', etag: '"new"' });
      expect(await index.latest(urlKey)).toMatchObject({ etag: '"new"' });
    });
  });
}

function withoutVector({ ordinal, text, headings, contentHash, tokenCount }: EmbeddedChunk): Chunk {
  return { ordinal, text, headings, contentHash, tokenCount };
}
