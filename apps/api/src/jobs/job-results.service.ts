import { type DocumentReader, Fault, type JobRecord, type SiteReader, ZERO_COUNTS, ZERO_USAGE, isFinal } from '@gleaner/domain';
import { Inject, Injectable } from '@nestjs/common';
import { documentMarkdown } from '../documents/document-markdown.js';
import { documentView } from '../documents/document-view.js';
import { CrawlExports } from '../exports/crawl-exports.service.js';
import { negotiate } from '../http/request-headers.js';
import { RequestFault } from '../http/problem.js';
import type { CrawlResult } from './crawl.dto.js';
import { DOCUMENT_READER, SITE_READER } from '../platform/platform.module.js';

export type Representation =
  | { readonly type: 'application/json' | 'text/markdown'; readonly body: unknown }
  /** `chunks` begins to read when it is first asked. */
  | { readonly type: 'application/x-ndjson' | 'application/zip'; readonly fileName: string; readonly chunks: AsyncIterator<Buffer> };

/** What a job produced, in the media type that the caller asks for. */
@Injectable()
export class JobResults {
  constructor(
    @Inject(DOCUMENT_READER) private readonly documents: DocumentReader,
    @Inject(SITE_READER) private readonly sites: SiteReader,
    private readonly exports: CrawlExports,
  ) {}

  /** Throws JOB_UNFINISHED, the job's own error (status 409), NOT_ACCEPTABLE or NOT_FOUND. */
  async of(job: JobRecord, accept: string | undefined): Promise<Representation> {
    if (!isFinal(job.state)) throw new Fault('JOB_UNFINISHED', { detail: `The job is ${job.state}.` });
    if (job.kind === 'crawl') return this.crawl(job, accept);
    if (job.state !== 'completed') throw withoutResult(job);
    return job.kind === 'extract' ? this.document(job, accept) : this.template(job, accept);
  }

  /** What a crawl stored before it failed or was cancelled can be read all the same. */
  private crawl(job: JobRecord, accept: string | undefined): Representation {
    const counts = { ...ZERO_COUNTS, ...job.counts };
    const pages = job.result?.pages ?? counts.stored + counts.unchanged;
    if (job.state !== 'completed' && pages === 0) throw withoutResult(job);
    const type = negotiate(accept, ['application/json', 'application/x-ndjson', 'application/zip']);
    if (type === 'application/x-ndjson') return { type, fileName: `${job.id}.jsonl`, chunks: this.exports.lines(job) };
    if (type === 'application/zip') return { type, fileName: `${job.id}.zip`, chunks: this.exports.zip(job) };
    const self = `/api/v1/jobs/${job.id}`;
    const links = { pages: `${self}/pages`, documents: `${self}/result` };
    const usage = { ...ZERO_USAGE, ...job.usage };
    const { incomplete } = job.result ?? {};
    const body: CrawlResult = {
      job: job.id,
      state: job.state,
      pages,
      counts,
      usage,
      ...(incomplete === undefined ? {} : { incomplete }),
      links,
    };
    return { type, body };
  }

  private async document(job: JobRecord, accept: string | undefined): Promise<Representation> {
    const type = negotiate(accept, ['application/json', 'text/markdown']);
    const document = job.result?.documentId === undefined ? null : await this.documents.get(job.ownerId, job.result.documentId);
    if (document === null) throw new Fault('NOT_FOUND', { detail: 'The document of this job is not stored any more.' });
    return { type, body: type === 'text/markdown' ? documentMarkdown(document) : documentView(document) };
  }

  private async template(job: JobRecord, accept: string | undefined): Promise<Representation> {
    const type = negotiate(accept, ['application/json']);
    const learned = job.result?.template;
    const versions = learned === undefined ? [] : await this.sites.versions(learned.site, learned.templateId);
    const version = versions.find((candidate) => candidate.version === learned?.version);
    if (version === undefined) throw new Fault('NOT_FOUND', { detail: 'The template version of this job is not stored any more.' });
    return { type, body: version };
  }
}

function withoutResult(job: JobRecord): RequestFault {
  if (job.state === 'cancelled') return new RequestFault('CANCELLED', { detail: 'The job was cancelled: it has no result.' });
  const { code, detail } = job.error ?? { code: 'INTERNAL' as const, detail: 'The job failed.' };
  return new RequestFault(code, { detail, status: 409 });
}
