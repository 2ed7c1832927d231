import { type ApiKeyRecord, type JobReader, isFinal } from '@gleaner/domain';
import { type JobRequest, JobRequestSchema } from '@gleaner/domain/schema';
import { Body, Controller, Get, Headers, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ApiConfig } from '../config.js';
import { ResultWriter } from '../exports/result-writer.service.js';
import { connectionSignal } from '../http/connection-signal.js';
import { Caller } from '../http/key.guard.js';
import { Operation } from '../http/operation.js';
import { idempotencyKey, waitSeconds } from '../http/request-headers.js';
import { API_CONFIG, JOB_READER } from '../platform/platform.module.js';
import { JobCommands } from './job-commands.service.js';
import { JobResults } from './job-results.service.js';
import { jobView } from './job-view.js';
import { JobListQuerySchema, JobListSchema, JobSchema, type JobListQuery, type JobView } from './job.dto.js';
import { present } from './present.js';

const LOCATION = { Location: 'The job' };

/** In the words of JSON Schema: text whose lines are JSON, and bytes. */
const DOCUMENT_LINES = {
  type: 'string',
  contentMediaType: 'application/x-ndjson',
  contentSchema: { $ref: '#/components/schemas/Document' },
} as object;
const ARCHIVE = { type: 'string', contentMediaType: 'application/zip' } as object;

@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    @Inject(JOB_READER) private readonly reader: JobReader,
    private readonly commands: JobCommands,
    private readonly results: JobResults,
    private readonly writer: ResultWriter,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Post()
  @Operation({
    tag: 'Jobs',
    summary: 'Start a job',
    description: 'The same request while one is running answers with the running job.',
    access: 'jobs',
    answers: [
      { status: 200, description: 'The finished job, under `Prefer: wait=SECONDS`', schema: JobSchema, headers: LOCATION },
      { status: 202, description: 'The job was accepted', schema: JobSchema, headers: LOCATION },
    ],
    errors: [
      'MALFORMED_JSON',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'UNSUPPORTED_KIND',
      'IDEMPOTENCY_MISMATCH',
      'TOO_MANY_RUNNING_JOBS',
      'DAILY_PAGE_LIMIT',
    ],
  })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: 'wait=SECONDS: answer when the job is final, after 60 seconds at the latest',
    example: 'wait=30',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: '1 to 255 printable characters: the same key with the same body is the same job',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  })
  async create(
    @Caller() caller: ApiKeyRecord,
    @Body({ schema: JobRequestSchema }) request: JobRequest,
    @Headers('prefer') prefer: string | undefined,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const wait = waitSeconds(prefer);
    const { job: created } = await this.commands.create(caller, request, idempotencyKey(key));
    const job = wait === null ? created : await this.commands.wait(created, wait, connectionSignal(reply.raw));
    void reply.code(wait !== null && isFinal(job.state) ? 200 : 202).header('location', `/api/v1/jobs/${job.id}`);
    if (wait !== null) void reply.header('preference-applied', `wait=${wait}`);
    return this.view(job);
  }

  @Get()
  @Operation({
    tag: 'Jobs',
    summary: 'List jobs, newest first',
    access: 'read',
    takesQuery: true,
    answers: [{ status: 200, description: 'A page of jobs', schema: JobListSchema }],
    errors: [],
  })
  async list(
    @Caller() caller: ApiKeyRecord,
    @Query({ schema: JobListQuerySchema }) query: JobListQuery,
  ): Promise<{ items: JobView[]; next: string | null }> {
    const { cursor, limit, label, ...filter } = query;
    const labels = label === undefined ? undefined : [label].flat();
    const page = await this.reader.list(caller.ownerId, present({ ...filter, labels }), present({ cursor, limit }));
    return { items: page.items.map((job) => this.view(job)), next: page.next };
  }

  @Get(':id')
  @Operation({
    tag: 'Jobs',
    summary: 'Read a job',
    access: 'read',
    answers: [{ status: 200, description: 'The job', schema: JobSchema }],
    errors: ['NOT_FOUND'],
  })
  async get(@Caller() caller: ApiKeyRecord, @Param('id') id: string): Promise<JobView> {
    return this.view(await this.commands.get(caller.ownerId, id));
  }

  @Get(':id/result')
  @Operation({
    tag: 'Jobs',
    summary: 'Read what a job produced',
    description:
      'By `Accept`: JSON (the document of an extract job, the template version of a learn job, the counts of a crawl), Markdown (extract), JSON Lines or ZIP (crawl). Of JSON Lines each line is a Document with the URL of the ledger as `pageUrl`, in the order in which the pages were found; an archive has a Markdown file for each page, with links between them, `index.md` and `manifest.jsonl`. A crawl that failed or was cancelled has what it stored. The problem of a job that failed carries the error of the job.',
    access: 'read',
    answers: [
      {
        status: 200,
        description: 'The result',
        content: {
          'application/json': {
            schema: {
              oneOf: [
                { $ref: '#/components/schemas/Document' },
                { $ref: '#/components/schemas/TemplateVersion' },
                { $ref: '#/components/schemas/CrawlResult' },
              ],
            },
          },
          'application/x-ndjson': {
            schema: DOCUMENT_LINES,
            example: '{"pageUrl":"https://example.com/","id":"doc_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2"}\n',
          },
          'application/zip': { schema: ARCHIVE },
          'text/markdown': { schema: { type: 'string' }, example: '# A title\n\nThe text of the page.' },
        },
      },
    ],
    errors: ['NOT_FOUND', 'JOB_UNFINISHED', 'CANCELLED', 'NOT_ACCEPTABLE'],
  })
  async result(
    @Caller() caller: ApiKeyRecord,
    @Param('id') id: string,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const result = await this.results.of(await this.commands.get(caller.ownerId, id), accept);
    void reply.header('vary', 'Accept');
    if ('chunks' in result) return this.writer.write(reply, result);
    void reply.type(`${result.type}; charset=utf-8`).send(result.body);
  }

  private view(job: Parameters<typeof jobView>[0]): JobView {
    return jobView(job, this.config.temporal, Date.now());
  }
}
