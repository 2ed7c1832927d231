import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Operation } from '../http/operation.js';
import { LiveSchema, ReadySchema, type ReadyView } from './health.dto.js';
import { Readiness } from './readiness.service.js';

@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Operation({
    tag: 'Health',
    summary: 'Is the process alive',
    access: 'public',
    answers: [{ status: 200, description: 'It is', schema: LiveSchema }],
    errors: [],
  })
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Operation({
    tag: 'Health',
    summary: 'Does everything answer that a job needs',
    description: 'Database, Temporal, blob store, and a worker on every task queue.',
    access: 'public',
    answers: [
      { status: 200, description: 'Everything answers', schema: ReadySchema },
      { status: 503, description: 'Something does not: `checks` says what and why', schema: ReadySchema },
    ],
    errors: [],
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyView> {
    const ready = await this.readiness.check();
    void reply.code(ready.status === 'ok' ? 200 : 503).header('cache-control', 'no-store');
    return ready;
  }
}
