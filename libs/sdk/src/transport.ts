import { backOffMs, delay } from './delay.js';
import { GleanerError, GleanerUnreachable, parseProblem } from './errors.js';

export interface TransportSettings {
  /** Base URL of the API, without `/api/v1`. */
  readonly url: string;
  readonly key: string | undefined;
  readonly fetch: typeof fetch;
  /** Longest time for one answer, body included. */
  readonly timeoutMs: number;
  /** Further tries of a safe or idempotent request. */
  readonly retries: number;
  readonly retryBaseMs: number;
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface ApiRequest {
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** A list is sent as the same name several times. */
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Sending it twice does what sending it once does. GET always is. */
  readonly isIdempotent?: boolean;
  /** Added to the time limit: the server was asked to wait this long. */
  readonly extraTimeMs?: number;
  /** Statuses besides 2xx whose body is an answer and not a problem. */
  readonly alsoAccept?: readonly number[];
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const TRANSIENT_STATUSES = new Set([429, 502, 503, 504]);
/** A server that wants to be left alone for longer than this gets its wish: the caller decides. */
const MAX_RETRY_DELAY_MS = 10_000;

/** Sends requests, retries what may be retried, turns whatever goes wrong into GleanerError or GleanerUnreachable. */
export class Transport {
  readonly settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.settings = settings;
  }

  async json<T>(request: ApiRequest): Promise<T> {
    const answer = await this.send({ ...request, headers: { accept: 'application/json', ...request.headers } });
    try {
      return JSON.parse(answer.body) as T;
    } catch (cause) {
      throw new GleanerUnreachable(this.settings.url, `the answer to ${request.path} is not JSON; is this a Gleaner API?`, cause);
    }
  }

  /** @throws GleanerError, GleanerUnreachable, or the reason of the caller's signal. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const tries = request.isIdempotent === true || (request.method ?? 'GET') === 'GET' ? this.settings.retries + 1 : 1;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(request);
      } catch (error) {
        if (attempt + 1 >= tries || !isTransient(error)) throw error;
        const asked = error instanceof GleanerError ? (error.retryAfterMs ?? 0) : 0;
        if (asked > MAX_RETRY_DELAY_MS) throw error;
        await delay(Math.max(asked, backOffMs(attempt, this.settings.retryBaseMs, MAX_RETRY_DELAY_MS)), request.signal);
      }
    }
  }

  /** Opens a response whose body the caller reads; `signal` ends it. Not retried. */
  async open(request: ApiRequest & { readonly signal: AbortSignal }): Promise<Response> {
    const response = await this.#fetch(request, request.signal);
    if (!response.ok) throw problemOf(response, await response.text());
    return response;
  }

  async #once(request: ApiRequest): Promise<ApiAnswer> {
    const timeoutMs = this.settings.timeoutMs + (request.extraTimeMs ?? 0);
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
    const response = await this.#fetch(request, signal, timeoutMs);
    const body = await response.text().catch((error: unknown) => {
      throw this.#unreachable(error, request.signal, timeoutMs);
    });
    if (response.ok || request.alsoAccept?.includes(response.status) === true)
      return { status: response.status, headers: response.headers, body };
    throw problemOf(response, body);
  }

  async #fetch(request: ApiRequest, signal: AbortSignal, timeoutMs?: number): Promise<Response> {
    const { url, key, fetch } = this.settings;
    const target = new URL(url.replace(/\/+$/, '') + request.path);
    for (const [name, value] of Object.entries(request.query ?? {}))
      for (const item of [value].flat()) if (item !== undefined) target.searchParams.append(name, String(item));
    try {
      return await fetch(target, {
        method: request.method ?? 'GET',
        signal,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
    } catch (error) {
      throw this.#unreachable(error, request.signal, timeoutMs);
    }
  }

  #unreachable(error: unknown, callerSignal: AbortSignal | undefined, timeoutMs: number | undefined): unknown {
    if (callerSignal?.aborted === true) return callerSignal.reason;
    if (error instanceof Error && error.name === 'TimeoutError') {
      return new GleanerUnreachable(
        this.settings.url,
        timeoutMs === undefined ? 'no answer in time' : `no answer within ${timeoutMs} ms`,
        error,
      );
    }
    return new GleanerUnreachable(this.settings.url, reasonOf(error), error);
  }
}

function problemOf(response: Response, body: string): GleanerError {
  return new GleanerError(parseProblem(response.status, body, retryAfterMs(response.headers.get('retry-after'))));
}

/** Retry-After in seconds or as a date (RFC 9110 §10.2.3); null when absent or neither. */
function retryAfterMs(header: string | null): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(waitMs) ? null : Math.max(0, waitMs);
}

/** Trying again can help: no answer, or a 429, 502, 503 or 504 that does not deny it. The API uses 502 for what a site did, too. */
export function isTransient(error: unknown): boolean {
  return error instanceof GleanerUnreachable || (error instanceof GleanerError && TRANSIENT_STATUSES.has(error.status) && error.retryable);
}

/** The innermost cause says it best: "fetch failed" hides "connect ECONNREFUSED 127.0.0.1:4000". */
function reasonOf(error: unknown): string {
  let innermost: unknown = error;
  while (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
  if (!(innermost instanceof Error)) return String(innermost);
  const { code } = innermost as { code?: unknown };
  return innermost.message || (typeof code === 'string' ? code : innermost.name);
}
