import { type ApiKeys, Fault } from '@gleaner/domain';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ApiConfig } from '../config.js';
import { bearerOf } from '../http/bearer.js';
import { API_CONFIG, API_KEYS } from '../platform/platform.module.js';

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[?::1\]?|localhost)$/i;

/** An API that only this machine reaches shows its metrics to this machine; any other asks for an admin key. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_KEYS) private readonly keys: Pick<ApiKeys, 'authenticate'>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (LOOPBACK.test(this.config.host)) return true;
    const key = bearerOf(context.switchToHttp().getRequest<FastifyRequest>().headers.authorization);
    const record = key === null ? null : await this.keys.authenticate(key);
    if (record === null) throw new Fault('UNAUTHENTICATED', { detail: 'The metrics of an API that others reach need a key.' });
    if (!record.scopes.includes('admin')) throw new Fault('FORBIDDEN', { detail: 'This needs a key with the scope "admin".' });
    return true;
  }
}
