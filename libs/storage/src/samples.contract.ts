import { randomUUID } from 'node:crypto';
import type { DocumentRecord, EmbeddedChunk, JobCreation, JobDraft, JobRecord, TemplateDraft } from '@gleaner/domain';
import type { Database } from './database.js';
import { createJobWriter } from './job-writer.js';

/** What a contract runs against: one server, opened as often as a test needs. */
export interface StorageServer {
  /** Databases that are opened here are closed by the one who runs the contract. */
  open(poolSize?: number): Promise<Database>;
}

export function newOwner(): string {
  return `usr_${randomUUID()}`;
}

export function jobDraft(ownerId: string, change: Partial<JobDraft> = {}): JobDraft {
  return {
    ownerId,
    kind: 'extract',
    input: { url: 'https://example.com/page' },
    options: {},
    priority: 3,
    labels: [],
    dedupeKey: randomUUID(),
    ...change,
  };
}

export async function createJob(database: Database, ownerId: string, change: Partial<JobDraft> = {}): Promise<JobRecord> {
  const creation = await createJobWriter(database).create(jobDraft(ownerId, change));
  if (creation.kind !== 'created') throw new Error(`expected a new job, got ${creation.kind}`);
  return creation.job;
}

export function documentOf(job: Pick<JobRecord, 'id' | 'ownerId'>, change: Partial<DocumentRecord> = {}): Omit<DocumentRecord, 'id'> {
  return {
    ownerId: job.ownerId,
    jobId: job.id,
    url: 'https://example.com/page?utm_source=x',
    urlKey: 'https://example.com/page',
    finalUrl: 'https://example.com/page',
    canonicalUrl: null,
    status: 200,
    fetchedAt: '2026-01-02T03:04:05.678Z',
    snapshotHash: `sha256:${'a'.repeat(64)}`,
    contentHash: `sha256:${'b'.repeat(64)}`,
    page: {
      type: 'article',
      title: 'A title',
      author: ['Ada', 'Bert, "B"'],
      publishedAt: '2025-12-31',
      modifiedAt: null,
      language: 'en',
      siteName: 'Example',
      description: null,
      canonicalUrl: 'https://example.com/canonical',
      markdown: '# A title',
      text: 'A title',
      links: [{ url: 'https://example.com/other', text: 'other', rel: 'next' }],
      images: [{ url: 'https://example.com/i.png', alt: '' }],
      fields: { price: 12.5, tags: ['a', 'b'], sold: false, note: null },
      evidence: { title: { source: 'meta', selector: 'og:title', verbatim: true } },
      method: 'template',
      version: 3,
      confidence: 0.97,
    },
    analysis: { language: 'en', wordCount: 2, tokenCount: 3, keywords: ['title'] },
    fetchMethod: 'http',
    timingsMs: { fetch: 1, learn: 0, extract: 2.5, embed: 3, store: 0, analyze: 1 },
    embedding: { mode: 'vector', model: 'm-3', dimensions: 3 },
    ...change,
  };
}

export function chunkOf(ordinal: number, change: Partial<EmbeddedChunk> = {}): EmbeddedChunk {
  return {
    ordinal,
    text: `Piece number ${ordinal}`,
    headings: ['A title', 'Part'],
    contentHash: `sha256:${ordinal}`,
    tokenCount: 4,
    vector: [0.5, -1, ordinal],
    ...change,
  };
}

export function templateDraft(site: string, change: Partial<TemplateDraft> = {}): TemplateDraft {
  return {
    site,
    templateId: 'tpl_news',
    shape: '/news/*',
    config: {
      content: [{ selector: 'article', evidence: 'structure' }],
      exclude: ['.ad'],
      type: 'article',
      fields: { title: [{ selector: 'h1', evidence: 'structure' }] },
      fingerprint: { minChars: 10, medianChars: 100, maxChars: 1_000 },
    },
    scores: { mean: 0.9, min: 0.8, pagesLearned: 3, pagesHeldOut: 2 },
    author: 'heuristic',
    model: null,
    costUsd: 0,
    sampleUrls: [`https://${site}/news/1`],
    ...change,
  };
}

/** The id of the job that a creation led to. */
export function idOf(creation: JobCreation): string {
  if (creation.kind === 'mismatch') throw new Error('there is no job');
  return creation.job.id;
}
