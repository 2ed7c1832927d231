import type { DocumentReader, DocumentRecord, JobRecord, LedgerReader } from '@gleaner/domain';
import { Inject, Injectable } from '@nestjs/common';
import { documentView } from '../documents/document-view.js';
import { DOCUMENT_READER, LEDGER_READER } from '../platform/platform.module.js';
import { ExportMap } from './export-map.js';
import { linkTo, pageFile } from './page-file.js';
import { type ZipEntry, zipFile } from './zip-file.js';

/** Documents that are in memory at once. */
const DOCUMENTS_A_GROUP = 50;
const PAGES_A_GROUP = 1_000;
const MAX_TITLE = 200;

type ExportedJob = Pick<JobRecord, 'id' | 'ownerId' | 'input'>;

interface PageOfExport {
  readonly url: string;
  readonly documentId: string;
}

/** All documents of a crawl as one answer, in the order in which their pages were found; read as fast as the answer is taken. */
@Injectable()
export class CrawlExports {
  constructor(
    @Inject(LEDGER_READER) private readonly ledger: Pick<LedgerReader, 'exported'>,
    @Inject(DOCUMENT_READER) private readonly documents: Pick<DocumentReader, 'many'>,
  ) {}

  /** One JSON document a line, as `GET /documents/:id` shows it, with the URL of the ledger as `pageUrl`. */
  async *lines(job: ExportedJob): AsyncGenerator<Buffer, void, undefined> {
    for await (const group of this.stored(job))
      yield Buffer.from(group.map(({ url, document }) => `${JSON.stringify({ pageUrl: url, ...documentView(document) })}\n`).join(''));
  }

  /** A Markdown file for each page, `index.md` that lists them, `manifest.jsonl` that tells a program where each page is. */
  zip(job: ExportedJob): AsyncGenerator<Buffer, void, undefined> {
    return zipFile(this.files(job));
  }

  private async *files(job: ExportedJob): AsyncGenerator<ZipEntry, void, undefined> {
    // Where each page lies must be known before the first link is written.
    const map = new ExportMap();
    for await (const { url } of this.pages(job.id)) map.add(url);
    const titles = new Map<string, string>();
    let modifiedAt = new Date(0);
    for await (const group of this.stored(job))
      for (const { url, documentId, document } of group) {
        const path = map.pathOf(url);
        if (path === null) continue;
        modifiedAt = new Date(document.fetchedAt);
        titles.set(documentId, shortTitle(document.page.title));
        yield { path, modifiedAt, content: [pageFile(document, url, path, map)] };
      }
    yield { path: 'index.md', modifiedAt, content: this.index(job, map, titles) };
    yield { path: 'manifest.jsonl', modifiedAt, content: this.manifest(job, map, titles) };
  }

  private async *index(job: ExportedJob, map: ExportMap, titles: ReadonlyMap<string, string>): AsyncGenerator<string, void, undefined> {
    yield `# ${plainMarkdown(job.input.url)}\n\n${titles.size} pages.\n\n`;
    for await (const { url, documentId, path } of this.listed(job, map, titles)) {
      const title = titles.get(documentId) ?? '';
      yield `- [${plainMarkdown(title === '' ? url : title)}](${linkTo(path)})\n`;
    }
  }

  private async *manifest(job: ExportedJob, map: ExportMap, titles: ReadonlyMap<string, string>): AsyncGenerator<string, void, undefined> {
    for await (const { url, documentId, path } of this.listed(job, map, titles))
      yield `${JSON.stringify({ url, path, document: documentId, title: titles.get(documentId) ?? '' })}\n`;
  }

  private async *listed(
    job: ExportedJob,
    map: ExportMap,
    titles: ReadonlyMap<string, string>,
  ): AsyncGenerator<PageOfExport & { readonly path: string }, void, undefined> {
    for await (const page of this.pages(job.id)) {
      const path = map.pathOf(page.url);
      if (path !== null && titles.has(page.documentId)) yield { ...page, path };
    }
  }

  private async *pages(jobId: string): AsyncGenerator<PageOfExport, void, undefined> {
    for await (const group of this.groups(jobId, PAGES_A_GROUP)) yield* group;
  }

  private async *groups(jobId: string, size: number): AsyncGenerator<readonly PageOfExport[], void, undefined> {
    for (let afterId = 0; ;) {
      const group = await this.ledger.exported(jobId, afterId, size);
      const last = group.at(-1);
      if (last === undefined) return;
      yield group;
      afterId = last.id;
    }
  }

  /** A document that was removed since is left out. */
  private async *stored(job: ExportedJob): AsyncGenerator<readonly (PageOfExport & { readonly document: DocumentRecord })[]> {
    for await (const group of this.groups(job.id, DOCUMENTS_A_GROUP)) {
      const ids = group.map(({ documentId }) => documentId);
      const found = new Map((await this.documents.many(job.ownerId, ids)).map((document) => [document.id, document]));
      yield group.flatMap((page) => {
        const document = found.get(page.documentId);
        return document === undefined ? [] : [{ ...page, document }];
      });
    }
  }
}

function plainMarkdown(text: string): string {
  return text.replaceAll(/([\\`*_[\]<>])/g, '\\$1');
}

/** A copy: a slice would keep the whole title in memory. */
function shortTitle(title: string): string {
  return Buffer.from(title.slice(0, MAX_TITLE).replaceAll(/\s+/g, ' ').trim()).toString();
}
