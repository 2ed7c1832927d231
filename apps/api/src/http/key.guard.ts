import { type ApiKeyRecord, type ApiKeys, Fault } from '@gleaner/domain';
import { type CanActivate, type ExecutionContext, Inject, Injectable, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { API_KEYS } from '../platform/platform.module.js';
import { KeyCache } from './key-cache.js';
import { operationOf } from './operation.js';

const callers = new WeakMap<FastifyRequest, ApiKeyRecord>();

/** Lets a request in when its operation is public, or when its key has the scope; `admin` has every scope. */
@Injectable()
export class KeyGuard implements CanActivate {
  private readonly cache: KeyCache;

  constructor(@Inject(API_KEYS) keys: Pick<ApiKeys, 'authenticate'>) {
    this.cache = new KeyCache(keys);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // An operation that says nothing of its access is closed to all but the admin.
    const access = operationOf(context.getHandler() as () => unknown)?.access ?? 'admin';
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = bearerOf(request.headers.authorization);
    if (key === null) throw new Fault('UNAUTHENTICATED', { detail: 'The request carries no `Authorization: Bearer KEY`.' });
    const record = await this.cache.authenticate(key);
    if (record === null) throw new Fault('UNAUTHENTICATED', { detail: 'The API key is not valid.' });
    if (!record.scopes.includes(access) && !record.scopes.includes('admin'))
      throw new Fault('FORBIDDEN', { detail: `This needs a key with the scope "${access}".` });
    callers.set(request, record);
    return true;
  }
}

/** The key record of the request; only in operations that need a key. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): ApiKeyRecord => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Fault('UNAUTHENTICATED', { detail: 'The operation is public: it has no caller.' });
  return caller;
});

function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? null;
}
