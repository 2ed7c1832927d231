import { Fault } from '@gleaner/domain';
import { PageRefusal } from './refusal.js';

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|ERR_CERT|EPROTO|HOSTNAME_MISMATCH|INVALID_CA)/;
const TIMEOUT_CODES: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * What an error of the HTTP client means. Faults and refusals stay as they are; a bad certificate and oversized headers are
 * facts about the site; everything else (reset, short body, nonsense instead of HTTP) may go well the next time. The client's
 * own text is never shown: it can hold addresses.
 */
export function transportFault(error: unknown, url: URL): Error {
  if (error instanceof Fault || error instanceof PageRefusal) return error;
  const code = codeOf(error);
  if (TLS_CODE.test(code)) return new PageRefusal('TLS_FAILED', `the TLS handshake with ${url.host} failed (${code})`);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return new PageRefusal('TOO_LARGE', `the headers of ${url.host} are larger than the limit`);
  if (TIMEOUT_CODES.has(code)) return new Fault('FETCH_TIMEOUT', { detail: `${url.host} was silent for too long`, cause: error });
  return new Fault('CONNECT_FAILED', { detail: `the exchange with ${url.host} broke off${code === '' ? '' : ` (${code})`}`, cause: error });
}
