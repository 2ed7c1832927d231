import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** What a client in a page must be able to send and read besides the headers that every page may. */
const REQUEST_HEADERS = ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'Prefer'];
const ANSWER_HEADERS = ['Location', 'Preference-Applied', 'Retry-After'];
/** Chromium keeps a preflight for two hours at most. */
const PREFLIGHT_SECONDS = 7_200;

/**
 * Lets pages of exactly these origins call the API. Keys travel in a header and never in cookies, so no credentials are
 * allowed: a page must hold a key itself. Must be called before the first route is registered.
 */
export async function allowOrigins(instance: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await instance.register(cors, {
    origin: [...origins],
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: REQUEST_HEADERS,
    exposedHeaders: ANSWER_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  });
}
