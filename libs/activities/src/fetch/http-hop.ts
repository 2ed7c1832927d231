import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { ACCEPT_ENCODING } from './decoded-body.js';
import { transportFault } from './transport-fault.js';

/** One answer; redirects are not followed and nothing is decoded. Header names are lower case. */
export interface HttpAnswer {
  readonly url: URL;
  readonly status: number;
  header(name: string): string | null;
  readonly body: Readable;
  /** Ends the exchange without the body. */
  discard(): void;
}

export interface HopRequest {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface HttpClientDeps {
  /** The agent of the egress gate: it decides at connect what may be reached. */
  readonly dispatcher: Dispatcher;
  readonly userAgent: string;
}

const ACCEPT = 'text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1';
const DISCARDED_BYTES = 65_536;
const DISCARD_MS = 1_000;

function discard(body: Dispatcher.ResponseData['body']): void {
  // A short rest is read so that the connection can serve the next hop; a long or slow one ends it.
  body.dump({ limit: DISCARDED_BYTES, signal: AbortSignal.timeout(DISCARD_MS) }).catch(() => body.destroy());
}

/** One GET through the gate, without cookies or secrets. Throws what `transportFault` makes of the client's errors. */
export async function httpGet({ dispatcher, userAgent }: HttpClientDeps, hop: HopRequest): Promise<HttpAnswer> {
  try {
    const answer = await request(hop.url, {
      dispatcher,
      signal: hop.signal,
      headersTimeout: 0, // one deadline rules all, through the signal
      bodyTimeout: 0,
      headers: {
        'user-agent': userAgent,
        accept: ACCEPT,
        'accept-language': 'en,*;q=0.5',
        'accept-encoding': ACCEPT_ENCODING,
        ...hop.headers,
      },
    });
    return {
      url: hop.url,
      status: answer.statusCode,
      header: (name) => {
        const value = answer.headers[name];
        return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
      },
      body: answer.body,
      discard: () => discard(answer.body),
    };
  } catch (error) {
    throw transportFault(error, hop.url);
  }
}
