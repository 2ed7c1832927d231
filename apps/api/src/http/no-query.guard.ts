import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { operationOf } from './operation.js';
import { invalidInput } from './problem.js';

/** An operation without a query refuses every parameter: one that is silently ignored is a mistake nobody finds. */
@Injectable()
export class NoQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const facts = operationOf(context.getHandler() as () => unknown);
    if (!facts || facts.takesQuery) return true;
    const names = Object.keys(context.switchToHttp().getRequest<FastifyRequest>().query ?? {});
    if (names.length > 0)
      throw invalidInput(names.slice(0, 20).map((name) => ({ path: name.slice(0, 100), message: 'is not a known parameter' })));
    return true;
  }
}
