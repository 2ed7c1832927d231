import { type ErrorCode, Fault } from '@gleaner/domain';
import type { EgressProxy } from '@gleaner/egress';
import { PageRefusal } from '../fetch/refusal.js';

/** Chromium's network errors (net/base/net_error_list.h) by what they mean here, most specific first. */
const MEANINGS: readonly (readonly [pattern: RegExp, code: ErrorCode])[] = [
  [/ERR_(CERT_|SSL_|BAD_SSL)/, 'TLS_FAILED'],
  [/ERR_TOO_MANY_REDIRECTS/, 'REDIRECT_LIMIT'],
  [/ERR_INVALID_REDIRECT|ERR_INVALID_URL/, 'REDIRECT_INVALID'],
  [/ERR_UNSAFE_PORT/, 'BLOCKED_PORT'],
  [/ERR_UNSAFE_REDIRECT|ERR_UNKNOWN_URL_SCHEME|ERR_DISALLOWED_URL_SCHEME/, 'BLOCKED_SCHEME'],
  [/ERR_CONTENT_DECODING/, 'UNSUPPORTED_ENCODING'],
  [/ERR_RESPONSE_HEADERS_TOO_BIG/, 'TOO_LARGE'],
  [/ERR_(TIMED_OUT|CONNECTION_TIMED_OUT)/, 'FETCH_TIMEOUT'],
  [/ERR_NAME_NOT_RESOLVED/, 'DNS_FAILED'],
  [
    /ERR_(CONNECTION|EMPTY_RESPONSE|TUNNEL|SOCKET|ADDRESS|NETWORK|INCOMPLETE|CONTENT_LENGTH|INVALID_HTTP|INVALID_CHUNKED|HTTP2|HTTP_RESPONSE_CODE)/,
    'CONNECT_FAILED',
  ],
];
const NO_DOCUMENT = /Download is starting|ERR_ABORTED/;

const DETAILS: Partial<Record<ErrorCode, string>> = {
  BLOCKED_ADDRESS: 'is not a public address and is not listed as a private target',
  BLOCKED_PORT: 'has a port that is not open to fetches',
  BLOCKED_SCHEME: 'leads to a scheme that is not fetched',
  DNS_FAILED: 'has a name that cannot be resolved',
  CONNECT_FAILED: 'could not be reached',
};

/** Outcomes and faults alike: which of both a code is, `refusalOf` knows. */
export function faultOf(code: ErrorCode, url: URL, detail = DETAILS[code] ?? 'failed in the browser'): Fault {
  return new Fault(code, { detail: `${url.host} ${detail}` });
}

export interface NavigationFailure {
  readonly error: unknown;
  /** The document that was asked for last. */
  readonly url: URL;
  /** Whether the document was answered at all. */
  readonly hasAnswer: boolean;
  /** Content-Type of that answer, or null. */
  readonly contentType: string | null;
  readonly proxy: EgressProxy;
}

/** What a navigation that Chromium gave up means. Its own text is not shown beyond the name of the error. */
export function navigationFault({ error, url, hasAnswer, contentType, proxy }: NavigationFailure): Error {
  if (error instanceof Fault || error instanceof PageRefusal) return error;
  const text = error instanceof Error ? error.message : '';
  const name = /ERR_[A-Z0-9_]+/.exec(text)?.[0];
  if (name === 'ERR_TUNNEL_CONNECTION_FAILED' || name === 'ERR_PROXY_CONNECTION_FAILED')
    return faultOf(proxy.failureOf(url) ?? 'CONNECT_FAILED', url);
  // Chromium drops redirects to schemes of its own (javascript:, view-source:) without an answer.
  if (name === 'ERR_ABORTED' && !hasAnswer) return new PageRefusal('REDIRECT_INVALID', `${url.host} redirects to what cannot be followed`);
  if (NO_DOCUMENT.test(text))
    return new PageRefusal('UNSUPPORTED_CONTENT_TYPE', `the content type ${contentType ?? 'of the answer'} is not a page`);
  const code = name === undefined ? undefined : MEANINGS.find(([pattern]) => pattern.test(name))?.[1];
  if (code !== undefined) return faultOf(code, url);
  return new Fault('BROWSER_FAILED', {
    detail: `the browser failed on ${url.host}${name === undefined ? '' : ` (${name})`}`,
    cause: error,
  });
}
