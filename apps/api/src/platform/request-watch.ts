import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Logger, annotateSpan } from '@gleaner/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiMetrics } from '../metrics/api-metrics.js';
import { type RequestScope, requestIsAbout, runInScope } from './request-scope.js';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Asked by machines all the time. */
const QUIET_ROUTE = /^\/(?:health|metrics)(?:\/|$)/;
const EVENTS_ROUTE = /\/events$/;
const JOB_ID = /^job_[0-9A-Za-z]{10,40}$/;
/** What proxies say when the client left before the answer; nothing was sent, so there is no other status. */
const CLIENT_LEFT = 499;

/**
 * One log line, one measure and one span's name for each request, whatever becomes of it. Routes are told by their pattern,
 * and neither bodies nor queries by anything. Must be called before the first route is registered.
 */
export function watchRequests(instance: FastifyInstance, { log, metrics }: { readonly log: Logger; readonly metrics: ApiMetrics }): void {
  instance.addHook('onRequest', (request, reply, done) => {
    const startedAt = performance.now();
    const scope: RequestScope = {};
    const route = request.routeOptions.url ?? 'unmatched';
    const method = METHODS.has(request.method) ? request.method : 'OTHER';
    annotateSpan({ 'http.route': route }, `${method} ${route}`);
    const closeStream = EVENTS_ROUTE.test(route) ? metrics.streamOpened('sse') : undefined;
    // Emitted once for every answer: sent, hijacked, or broken off.
    reply.raw.once('close', () => {
      closeStream?.();
      const isSent = reply.raw.writableFinished;
      const status = isSent || reply.raw.headersSent ? reply.raw.statusCode : CLIENT_LEFT;
      const durationMs = performance.now() - startedAt;
      metrics.requestEnded({ method, route, status, durationMs });
      const level = QUIET_ROUTE.test(route) ? 'debug' : 'info';
      const broken = isSent ? {} : { brokenOff: true };
      log[level]({ method, route, status, durationMs: round(durationMs), jobId: scope.jobId, ...broken }, 'request');
    });
    runInScope(scope, () => {
      const jobId = jobOf(request);
      if (jobId !== undefined) requestIsAbout(jobId);
      done();
    });
  });
  instance.addHook('onReady', (done) => {
    // A listener of ours alone would leave upgrades hanging that nobody answers.
    if (instance.server.listenerCount('upgrade') > 0) instance.server.on('upgrade', countLive(metrics));
    done();
  });
}

function countLive(metrics: ApiMetrics): (request: IncomingMessage, socket: Duplex) => void {
  return (_, socket) => void socket.once('close', metrics.streamOpened('websocket'));
}

/** Of the path; a new job is named by whoever makes it. */
function jobOf({ params }: FastifyRequest): string | undefined {
  const { id } = (params ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' && JOB_ID.test(id) ? id : undefined;
}

const round = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
