import { type ApiKeyRecord, Fault } from '@gleaner/domain';
import { type CanActivate, type ExecutionContext, Injectable, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Admission } from './admission.service.js';
import { bearerOf } from './bearer.js';
import { operationOf } from './operation.js';

const callers = new WeakMap<FastifyRequest, ApiKeyRecord>();

/** Lets a request in when its operation is public, or when its key has the scope; `admin` has every scope. */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(private readonly admission: Admission) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // An operation that says nothing of its access is closed to all but the admin.
    const access = operationOf(context.getHandler() as () => unknown)?.access ?? 'admin';
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = bearerOf(request.headers.authorization);
    if (key === null) throw new Fault('UNAUTHENTICATED', { detail: 'The request carries no `Authorization: Bearer KEY`.' });
    callers.set(request, await this.admission.admit(key, access));
    return true;
  }
}

/** The key record of the request; only in operations that need a key. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): ApiKeyRecord => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Fault('UNAUTHENTICATED', { detail: 'The operation is public: it has no caller.' });
  return caller;
});
