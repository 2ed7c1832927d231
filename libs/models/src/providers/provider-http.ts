import { createEgressAgent, createEgressPolicy } from '@gleaner/egress';
import { type Dispatcher, request } from 'undici';
import { withDeadline } from './deadline.js';
import { ProviderFailure, failureOf } from './provider-failure.js';
import { pauseOf } from './rate-headers.js';
import { serverEvents } from './server-events.js';
import { parseWire } from './wire-json.js';

export interface ProviderHttpOptions {
  /** Of the operator's configuration or a constant, never of a request or a page. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one call, and of the silence between two parts of a stream. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

export interface JsonAnswer {
  readonly json: unknown;
  readonly pauseMs: number | undefined;
}

export interface EventAnswer {
  readonly pauseMs: number | undefined;
  /** Data of the events. */
  readonly events: AsyncIterable<string>;
}

export interface ProviderHttp {
  /** POST with a JSON body. Throws ProviderFailure, and the signal's reason when it is aborted. */
  post(path: string, body: unknown, signal: AbortSignal): Promise<JsonAnswer>;
  postForEvents(path: string, body: unknown, signal: AbortSignal): Promise<EventAnswer>;
}

/** 100 vectors of 4,096 numbers as text. */
const MAX_ANSWER_BYTES = 50_000_000;
const MAX_ERROR_BYTES = 65_536;

/**
 * The HTTP client of a provider. It passes the egress gate under a policy of its own, which allows the address that the operator
 * named even when it is private and opens nothing for page fetches. Follows no redirects: a key goes to one host.
 */
export function createProviderHttp({ baseUrl, headers, timeoutMs, now }: ProviderHttpOptions): ProviderHttp {
  const base = new URL(baseUrl);
  const port = base.port || (base.protocol === 'https:' ? '443' : '80');
  const dispatcher = createEgressAgent(createEgressPolicy({ allowPrivate: [`${base.hostname}:${port}`] }));
  const prefix = base.href.replace(/\/+$/, '');

  const send = async (path: string, body: unknown, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const response = await request(`${prefix}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      dispatcher,
      signal,
    }).catch((cause: unknown) => {
      throw new ProviderFailure('unreachable', { cause });
    });
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    const code = errorCode(await readText(response, MAX_ERROR_BYTES).catch(() => ''));
    throw failureOf(response.statusCode, code, pauseOf(response.headers, now()));
  };

  return {
    post: (path, body, signal) =>
      withDeadline(signal, timeoutMs, async (deadline) => {
        const response = await send(path, body, deadline.signal);
        const text = await readText(response, MAX_ANSWER_BYTES).catch((cause: unknown) => {
          throw new ProviderFailure('broken-answer', { cause });
        });
        return { json: parseWire(text), pauseMs: pauseOf(response.headers, now()) };
      }),
    async postForEvents(path, body, signal) {
      const silence = new AbortController();
      const either = AbortSignal.any([signal, silence.signal]);
      const response = await withDeadline(signal, timeoutMs, (deadline) => send(path, body, AbortSignal.any([either, deadline.signal])));
      const events = watched(serverEvents(response.body), { signal, timeoutMs, stop: () => silence.abort() });
      return { pauseMs: pauseOf(response.headers, now()), events };
    },
  };
}

interface Watch {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly stop: () => void;
}

/** Ends a stream that is silent for too long, and closes the connection when nobody reads on. */
async function* watched(events: AsyncGenerator<string>, { signal, timeoutMs, stop }: Watch): AsyncGenerator<string> {
  try {
    for (;;) {
      const next = await withDeadline(signal, timeoutMs, () => events.next());
      if (next.done === true) return;
      yield next.value;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof ProviderFailure ? cause : new ProviderFailure('broken-answer', { cause });
  } finally {
    stop();
  }
}

async function readText(response: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response.body) {
    bytes += part.length;
    if (bytes > maxBytes) throw new RangeError('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** `error.code` of OpenAI and those like it; undefined where there is none. */
function errorCode(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly code?: unknown } };
    return typeof error?.code === 'string' ? error.code : undefined;
  } catch {
    return undefined;
  }
}
