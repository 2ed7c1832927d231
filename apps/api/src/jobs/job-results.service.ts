import { type DocumentReader, Fault, type JobRecord, type SiteReader, isFinal } from '@gleaner/domain';
import { Inject, Injectable } from '@nestjs/common';
import { documentMarkdown } from '../documents/document-markdown.js';
import { documentView } from '../documents/document-view.js';
import { negotiate } from '../http/request-headers.js';
import { RequestFault } from '../http/problem.js';
import { DOCUMENT_READER, SITE_READER } from '../platform/platform.module.js';

export interface Representation {
  readonly type: 'application/json' | 'text/markdown';
  readonly body: unknown;
}

/** What a job produced, in the media type that the caller asks for. */
@Injectable()
export class JobResults {
  constructor(
    @Inject(DOCUMENT_READER) private readonly documents: DocumentReader,
    @Inject(SITE_READER) private readonly sites: SiteReader,
  ) {}

  /** Throws JOB_UNFINISHED, the job's own error (status 409), NOT_ACCEPTABLE or NOT_FOUND. */
  async of(job: JobRecord, accept: string | undefined): Promise<Representation> {
    if (!isFinal(job.state)) throw new Fault('JOB_UNFINISHED', { detail: `The job is ${job.state}.` });
    if (job.state !== 'completed') throw withoutResult(job);
    return job.kind === 'extract' ? this.document(job, accept) : this.template(job, accept);
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
