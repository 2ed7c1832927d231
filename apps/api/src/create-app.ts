import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { RequestFault } from './http/problem.js';
import { sendProblem } from './http/problem.filter.js';
import { RouteTable } from './http/route-table.js';
import { addSecurityHeaders } from './http/security-headers.js';
import { allowOrigins } from './http/cross-origin.js';
import { acceptOnlyJson } from './http/body-parser.js';
import { answerClientError } from './http/client-error.js';
import { refuseStrangersBodies, refuseUnknownMethods } from './http/early-refusal.js';
import { frameworkLogger } from './platform/framework-logger.js';
import { openApiDocument } from './openapi.js';
import type { Platform } from './platform/platform.module.js';
import { watchRequests } from './platform/request-watch.js';

const MAX_BODY_BYTES = 1_000_000;
/** A host name has at most 253 characters, and a port. */
const MAX_PARAMETER_LENGTH = 300;
const MAX_CONNECTIONS = 4_096;

/** The application on these parts, ready to listen. `preview` makes none of the providers: enough to describe the routes. */
export async function createApp(platform: Platform, options: { readonly preview?: boolean } = {}): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    forceCloseConnections: 'idle',
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: refusePath,
    clientErrorHandler: answerClientError,
    http: { shouldUpgradeCallback: isWebSocket },
  });
  const instance = adapter.getInstance();
  const routes = new RouteTable();
  routes.watch(instance);
  if (!options.preview) watchRequests(instance, platform);
  addSecurityHeaders(instance);
  acceptOnlyJson(instance);
  refuseUnknownMethods(instance, routes);
  if (!options.preview) refuseStrangersBodies(instance, platform.apiKeys);
  // A description has no configuration, and needs none.
  await allowOrigins(instance, options.preview ? [] : platform.config.corsOrigins);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(platform, routes), adapter, {
    abortOnError: false,
    bodyParser: false,
    logger: frameworkLogger(platform.log),
    preview: options.preview ?? false,
  });
  app.getHttpServer().maxConnections = MAX_CONNECTIONS;
  if (!options.preview)
    SwaggerModule.setup('docs', app, openApiDocument(app), {
      jsonDocumentUrl: 'openapi.json',
      raw: ['json'],
      customSiteTitle: 'Gleaner API',
    });
  return app;
}

/** A path that is longer than any of ours, or escaped wrongly: the router refuses it before any filter. */
function refusePath(_: unknown, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(
    reply,
    new RequestFault('NOT_FOUND', { detail: 'The path is too long, or not a valid one.' }),
    request.url.split('?', 1)[0]?.slice(0, 200) ?? '/',
  );
}

/** Other upgrades (`h2c`, which some clients offer with every request) are not taken: the request is answered as it is. */
function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}
