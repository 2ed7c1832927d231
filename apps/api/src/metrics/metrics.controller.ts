import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Operation } from '../http/operation.js';
import { ApiMetrics } from './api-metrics.js';
import { MetricsGuard } from './metrics.guard.js';

const EXAMPLE = 'gleaner_open_streams{kind="sse"} 2\n';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: ApiMetrics) {}

  @Get()
  @UseGuards(MetricsGuard)
  @Operation({
    tag: 'Health',
    summary: 'Metrics of the API for Prometheus',
    description: 'Needs a key with the scope `admin` unless the API listens on loopback only.',
    access: 'public',
    answers: [{ status: 200, description: 'The metrics', content: { 'text/plain': { schema: { type: 'string' }, example: EXAMPLE } } }],
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'STORAGE_UNAVAILABLE'],
  })
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.metrics.contentType).header('cache-control', 'no-store');
    return this.metrics.text();
  }
}
