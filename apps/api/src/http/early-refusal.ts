import { type ApiKeys, Fault } from '@gleaner/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearerOf } from './bearer.js';
import { KeyCache } from './key-cache.js';
import { faultOf } from './problem.js';
import { missingRoute, sendProblem } from './problem.filter.js';
import type { RouteTable } from './route-table.js';

/** What our routes take; the framework would read the body of any other first, and then complain about that. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);

/** Answers a method that no route takes. Must be called before the first route is registered. */
export function refuseUnknownMethods(instance: FastifyInstance, routes: RouteTable): void {
  instance.addHook('onRequest', async (request, reply) => {
    if (METHODS.has(request.method)) return;
    const path = request.url.split('?', 1)[0] ?? '/';
    sendProblem(reply, missingRoute(routes, request.method, path), path);
    await reply;
  });
}

/** Refuses a body that comes without a valid key before a byte of it is read. Must be called before the first route is registered. */
export function refuseStrangersBodies(instance: FastifyInstance, keys: Pick<ApiKeys, 'authenticate'>): void {
  const cache = new KeyCache(keys);
  instance.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/') || !hasBody(request)) return;
    const fault = await refusal(request, cache);
    if (fault === null) return;
    // What is still on its way is not waited for.
    void reply.header('connection', 'close');
    sendProblem(reply, fault, request.url.split('?', 1)[0] ?? '/');
    await reply;
  });
}

async function refusal(request: FastifyRequest, cache: KeyCache): Promise<Fault | null> {
  const key = bearerOf(request.headers.authorization);
  try {
    if (key !== null && (await cache.authenticate(key)) !== null) return null;
  } catch (error) {
    return faultOf(error);
  }
  const detail = key === null ? 'The request carries no `Authorization: Bearer KEY`.' : 'The API key is not valid.';
  return new Fault('UNAUTHENTICATED', { detail });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
