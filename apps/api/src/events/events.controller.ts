import { type ApiKeyRecord, Fault, type JobReader } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ApiConfig } from '../config.js';
import { connectionSignal } from '../http/connection-signal.js';
import { Caller } from '../http/key.guard.js';
import { Operation } from '../http/operation.js';
import { invalidInput } from '../http/problem.js';
import { resumeAfter } from '../http/request-headers.js';
import { API_CONFIG, JOB_READER, LOG } from '../platform/platform.module.js';
import { type EventsQuery, EventsQuerySchema } from './event.dto.js';
import { writeEventStream } from './event-stream.js';
import { JobEvents } from './job-events.service.js';

const EXAMPLE = `id: 1\nevent: job.started\ndata: {"seq":1,"at":"2026-11-21T10:00:00.000Z","type":"job.started","job":"job_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2"}\n\n`;

/** Text whose `data` lines are JSON, in the words of JSON Schema. */
const EVENTS = {
  type: 'string',
  contentMediaType: 'text/event-stream',
  contentSchema: { $ref: '#/components/schemas/JobEvent' },
} as object;

@Controller('api/v1/jobs')
export class EventsController {
  constructor(
    @Inject(JOB_READER) private readonly jobs: JobReader,
    private readonly events: JobEvents,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  @Get(':id/events')
  @Operation({
    tag: 'Jobs',
    summary: 'Follow the events of a job',
    description:
      'Server-Sent Events: `id` is the sequence number, `event` the type, `data` a JobEvent. Resumes after `Last-Event-ID` or `?after=`, ends after the final event.',
    access: 'read',
    takesQuery: true,
    answers: [
      {
        status: 200,
        description: 'The events',
        content: { 'text/event-stream': { schema: EVENTS, example: EXAMPLE } },
      },
    ],
    errors: ['NOT_FOUND'],
  })
  async follow(
    @Caller() caller: ApiKeyRecord,
    @Param('id') id: string,
    @Query({ schema: EventsQuerySchema }) query: EventsQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const afterSeq = resumeAfter(query.after, lastEventId);
    if ((await this.jobs.get(caller.ownerId, id)) === null) throw new Fault('NOT_FOUND', { detail: `There is no job ${id}.` });
    // An event that does not exist yet would be waited for past the final one.
    if (afterSeq > 0 && (await this.jobs.events(id, afterSeq - 1, 1)).length === 0)
      throw invalidInput([{ path: 'after', message: `must name an event of the job; it has no event ${afterSeq}` }]);
    if (reply.request.method === 'HEAD') return void reply.type('text/event-stream; charset=utf-8').send();
    const signal = connectionSignal(reply.raw);
    reply.hijack();
    const { heartbeatMs, drainTimeoutMs } = this.config.timings;
    const events = this.events.read({ ownerId: caller.ownerId, jobId: id, afterSeq, signal });
    const headers = reply.getHeaders() as Record<string, string>;
    // The answer has begun: what fails now can only break it off, and the client resumes.
    await writeEventStream({ response: reply.raw, events, headers, heartbeatMs, drainTimeoutMs, signal }).catch((error: unknown) => {
      if (!signal.aborted) this.log.warn({ err: error, jobId: id }, 'an event stream was cut');
    });
  }
}
