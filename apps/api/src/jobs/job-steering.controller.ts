import type { ApiKeyRecord, JobRecord } from '@gleaner/domain';
import { type JobChangeRequest, JobChangeSchema, type RetryRequest, RetryRequestSchema } from '@gleaner/domain/schema';
import { Body, Controller, HttpCode, Inject, Param, Patch, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ApiConfig } from '../config.js';
import { Caller } from '../http/key.guard.js';
import { Operation } from '../http/operation.js';
import { API_CONFIG } from '../platform/platform.module.js';
import { JobCommands } from './job-commands.service.js';
import { jobView } from './job-view.js';
import { JobSchema, type JobView } from './job.dto.js';
import { present } from './present.js';

/** What callers do to a job that is there. */
@Controller('api/v1/jobs')
export class JobSteeringController {
  constructor(
    private readonly commands: JobCommands,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Post(':id/cancel')
  @HttpCode(202)
  @Operation({
    tag: 'Jobs',
    summary: 'Cancel a job',
    description: 'What was done stays readable. The job is cancelled when its final event says so.',
    access: 'jobs',
    answers: [{ status: 202, description: 'The job; its workflow was asked to stop', schema: JobSchema }],
    errors: ['NOT_FOUND', 'CONFLICT', 'TEMPORAL_UNAVAILABLE'],
  })
  async cancel(@Caller() caller: ApiKeyRecord, @Param('id') id: string): Promise<JobView> {
    return this.view(await this.commands.cancel(caller, id));
  }

  @Post(':id/pause')
  @HttpCode(202)
  @Operation({
    tag: 'Jobs',
    summary: 'Pause a job',
    description:
      'The stage that runs ends first; the job is paused when `job.paused` says so. It can be cancelled while it waits, and is after seven days.',
    access: 'jobs',
    answers: [{ status: 202, description: 'The job; its workflow was asked to wait before its next stage', schema: JobSchema }],
    errors: ['NOT_FOUND', 'CONFLICT', 'TEMPORAL_UNAVAILABLE'],
  })
  async pause(@Caller() caller: ApiKeyRecord, @Param('id') id: string): Promise<JobView> {
    return this.view(await this.commands.turn(caller, id, 'pause'));
  }

  @Post(':id/resume')
  @HttpCode(202)
  @Operation({
    tag: 'Jobs',
    summary: 'Resume a paused job',
    description: 'A job that is not paused goes on as it does.',
    access: 'jobs',
    answers: [{ status: 202, description: 'The job; its workflow was asked to go on', schema: JobSchema }],
    errors: ['NOT_FOUND', 'CONFLICT', 'TEMPORAL_UNAVAILABLE'],
  })
  async resume(@Caller() caller: ApiKeyRecord, @Param('id') id: string): Promise<JobView> {
    return this.view(await this.commands.turn(caller, id, 'resume'));
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Operation({
    tag: 'Jobs',
    summary: 'Do a job again that failed, was cancelled, or has pages that failed',
    description:
      'A new job with the same input, which goes on from the stored page where the fetch was not what failed and the input is not `fresh`. The same new job at every call. Of a crawl what failed or was not reached is done again; with `from: "extract"` all its stored pages are extracted anew, without fetching them.',
    access: 'jobs',
    answers: [{ status: 202, description: 'The new job', schema: JobSchema, headers: { Location: 'The new job' } }],
    errors: [
      'NOT_FOUND',
      'CONFLICT',
      'TOO_MANY_RUNNING_JOBS',
      'DAILY_PAGE_LIMIT',
      'MALFORMED_JSON',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  })
  async retry(
    @Caller() caller: ApiKeyRecord,
    @Param('id') id: string,
    @Body({ schema: RetryRequestSchema.default({}) }) { from }: RetryRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const job = await this.commands.retry(caller, id, from);
    void reply.header('location', `/api/v1/jobs/${job.id}`);
    return this.view(job);
  }

  @Patch(':id')
  @Operation({
    tag: 'Jobs',
    summary: 'Steer a running job',
    description:
      'Changes what a job can still change. What it has done already stays: pages that a crawl has stored are kept, those that wait are judged anew.',
    access: 'jobs',
    answers: [{ status: 200, description: 'The job', schema: JobSchema }],
    errors: ['NOT_FOUND', 'CONFLICT', 'TEMPORAL_UNAVAILABLE', 'MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
  })
  async steer(
    @Caller() caller: ApiKeyRecord,
    @Param('id') id: string,
    @Body({ schema: JobChangeSchema }) { options }: JobChangeRequest,
  ): Promise<JobView> {
    const { priority, labels, ...crawl } = options;
    return this.view(await this.commands.steer(caller, id, present({ priority, labels }), present(crawl)));
  }

  private view(job: JobRecord): JobView {
    return jobView(job, this.config.temporal, Date.now());
  }
}
