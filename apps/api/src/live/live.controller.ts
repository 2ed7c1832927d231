import { Controller, Get, Query } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { EventsQuerySchema } from '../events/event.dto.js';
import { Operation } from '../http/operation.js';
import { RequestFault } from '../http/problem.js';

/** The path as plain HTTP sees it; OpenAPI has no words for the socket, so its introduction tells of it. `LiveSockets` takes sockets before. */
@Controller('api/v1/jobs')
export class LiveController {
  @Get(':id/live')
  @ApiExcludeEndpoint()
  @Operation({
    tag: 'Jobs',
    summary: 'Watch a job over a WebSocket',
    access: 'read',
    takesQuery: true,
    answers: [{ status: 101, description: 'The socket is open' }],
    errors: ['NOT_FOUND', 'UPGRADE_REQUIRED', 'TOO_MANY_SOCKETS'],
  })
  live(@Query({ schema: EventsQuerySchema }) _query: unknown): never {
    throw new RequestFault('UPGRADE_REQUIRED', {
      detail: 'Connect with a WebSocket client, or read /events instead.',
      headers: { upgrade: 'websocket', connection: 'upgrade' },
    });
  }
}
