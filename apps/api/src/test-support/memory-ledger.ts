import { type DocumentReader, type DocumentRecord, Fault, type LedgerPage, type LedgerReader } from '@gleaner/domain';
import { DOCUMENT } from './samples.js';

export function ledgerPage(url: string, page: Partial<LedgerPage> = {}): LedgerPage {
  return {
    url,
    state: 'stored',
    reason: null,
    detail: null,
    code: null,
    duplicateOf: null,
    documentId: null,
    depth: 1,
    source: 'link',
    attempts: 1,
    status: 200,
    bytes: 100,
    method: 'http',
    finalUrl: null,
    timingsMs: { fetch: 3 },
    updatedAt: DOCUMENT.fetchedAt,
    ...page,
  };
}

/** Ledgers of crawls in memory: the number of a page is its place, from 1. */
export class MemoryLedger implements LedgerReader {
  readonly crawls = new Map<string, LedgerPage[]>();
  /** Groups of documents that were asked for. */
  groups = 0;

  async pages(...[jobId, filter, { cursor, limit }]: Parameters<LedgerReader['pages']>): ReturnType<LedgerReader['pages']> {
    if (cursor !== undefined && !/^\d+$/.test(cursor))
      throw new Fault('INVALID_INPUT', { detail: 'cursor: is not one that this list gave.' });
    const matching = this.numbered(jobId).filter(
      ({ id, page }) =>
        id > Number(cursor ?? 0) && page.state === (filter.state ?? page.state) && (filter.reason ?? page.reason) === page.reason,
    );
    const kept = matching.slice(0, limit);
    return { items: kept.map(({ page }) => page), next: matching.length > limit ? String(kept.at(-1)?.id) : null };
  }

  async exported(jobId: string, afterId: number, limit: number): ReturnType<LedgerReader['exported']> {
    this.groups++;
    return this.numbered(jobId)
      .flatMap(({ id, page: { state, url, documentId } }) =>
        id > afterId && documentId !== null && (state === 'stored' || state === 'unchanged') ? [{ id, url, documentId }] : [],
      )
      .slice(0, limit);
  }

  private numbered(jobId: string): { id: number; page: LedgerPage }[] {
    return (this.crawls.get(jobId) ?? []).map((page, index) => ({ id: index + 1, page }));
  }
}

export class MemoryDocuments implements DocumentReader {
  readonly records = new Map<string, DocumentRecord>([[DOCUMENT.id, DOCUMENT]]);

  async get(ownerId: string, id: string): Promise<DocumentRecord | null> {
    const found = this.records.get(id);
    return found?.ownerId === ownerId ? found : null;
  }

  async many(ownerId: string, ids: readonly string[]): Promise<readonly DocumentRecord[]> {
    return ids.flatMap((id) => {
      const found = this.records.get(id);
      return found?.ownerId === ownerId ? [found] : [];
    });
  }

  async chunks(): Promise<readonly []> {
    return [];
  }
}
