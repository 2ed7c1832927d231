import type { ServerResponse } from 'node:http';
import { ERRORS, type Fault } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOG } from '../platform/platform.module.js';
import { RequestFault, faultOf, problemOf, statusOf } from './problem.js';
import { RouteTable } from './route-table.js';

/** The one place where faults become answers (RFC 9457). Everything that is thrown while a request is served comes here. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOG) private readonly log: Logger,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const path = request.url.split('?', 1)[0] ?? '/';
    const fault = error instanceof NotFoundException ? missingRoute(this.routes, request.method, path) : faultOf(error);
    if (statusOf(fault) >= 500)
      this.log.error({ err: fault.cause ?? fault, code: fault.code, method: request.method, path }, 'a request failed');
    const raw: ServerResponse = reply.raw;
    if (reply.sent || raw.headersSent) {
      raw.destroy(); // half of another answer is out: the client must see that it is broken
      return;
    }
    sendProblem(reply, fault, path);
  }
}

/** 404, or 405 where the path is there for other methods. */
export function missingRoute(routes: RouteTable, method: string, path: string): Fault {
  const allowed = routes.allowed(path);
  if (allowed.length === 0) return new RequestFault('NOT_FOUND', { detail: `There is nothing at ${path.slice(0, 200)}.` });
  return new RequestFault('METHOD_NOT_ALLOWED', {
    detail: `${path.slice(0, 200)} takes ${allowed.join(', ')}, not ${method}.`,
    headers: { allow: allowed.join(', ') },
  });
}

export function sendProblem(reply: FastifyReply, fault: Fault, path: string): void {
  const problem = problemOf(fault, path);
  void reply
    .code(problem.status)
    .headers({ ...headersOf(fault), 'content-type': 'application/problem+json; charset=utf-8' })
    .send(JSON.stringify(problem));
}

/** Statuses of what passes by itself: limits, and parts that are away. */
const SAY_WHEN: ReadonlySet<number> = new Set([429, 503]);

export function headersOf(fault: Fault): Record<string, string> {
  return {
    'cache-control': 'no-store',
    ...(fault.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer realm="gleaner"' } : {}),
    ...(fault.code === 'FORBIDDEN' ? { 'www-authenticate': 'Bearer realm="gleaner", error="insufficient_scope"' } : {}),
    ...(SAY_WHEN.has(ERRORS[fault.code].status) ? { 'retry-after': String(Math.ceil((fault.retryAfterMs ?? 1_000) / 1_000)) } : {}),
    ...(fault instanceof RequestFault ? fault.headers : {}),
  };
}
