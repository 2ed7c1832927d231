/**
 * The one table of faults and failure reasons. `retryable` says whether the same request can succeed later without a
 * change by the caller; `status` is the HTTP status an API problem gets. Two translators read it: activities turn a code
 * into a Temporal ApplicationFailure, the API turns it into an RFC 9457 problem.
 */
export interface ErrorEntry {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  /** What the person who sees it can do. */
  readonly remedy: string;
}

export const ERRORS = {
  // What the caller sent
  INVALID_INPUT: {
    status: 422,
    retryable: false,
    title: 'The request is not valid',
    remedy: 'Correct the fields named in `errors` and send it again.',
  },
  MALFORMED_JSON: {
    status: 400,
    retryable: false,
    title: 'The body is not JSON',
    remedy: 'Send a JSON object with Content-Type: application/json.',
  },
  BODY_TOO_LARGE: { status: 413, retryable: false, title: 'The body is too large', remedy: 'Send at most 1 MB.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, title: 'The body has an unsupported type', remedy: 'Send application/json.' },
  NOT_ACCEPTABLE: {
    status: 406,
    retryable: false,
    title: 'No such representation',
    remedy: 'Ask for one of the media types that the detail names.',
  },
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    title: 'No valid API key',
    remedy: 'Send `Authorization: Bearer KEY`; the first key is in admin.key in the data folder.',
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    title: 'The key does not allow this',
    remedy: 'Use a key with the scope that the detail names.',
  },
  MALFORMED_REQUEST: {
    status: 400,
    retryable: false,
    title: 'The request is not HTTP',
    remedy: 'Send a request that follows RFC 9112; a proxy or client in between may have damaged it.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    retryable: true,
    title: 'The request did not arrive in time',
    remedy: 'Send the whole request at once.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    retryable: false,
    title: 'The header fields are too large',
    remedy: 'Send at most 16 KB of header fields, the path included.',
  },
  UPGRADE_REQUIRED: {
    status: 426,
    retryable: false,
    title: 'This path speaks WebSocket',
    remedy: 'Connect with a WebSocket client, or read /events instead.',
  },
  TOO_MANY_SOCKETS: {
    status: 503,
    retryable: true,
    title: 'Too many sockets are open',
    remedy: 'Close some, or read /events instead.',
  },
  NOT_FOUND: { status: 404, retryable: false, title: 'Not found', remedy: 'Check the id and the path.' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, title: 'Method not allowed', remedy: 'See /docs for what this path takes.' },
  CONFLICT: { status: 409, retryable: false, title: 'Not possible in this state', remedy: 'Read the resource and act on its state.' },
  JOB_UNFINISHED: {
    status: 409,
    retryable: true,
    title: 'The job has not finished',
    remedy: 'Wait for the final event of the job, then read its result.',
  },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    retryable: false,
    title: 'The Idempotency-Key was used with another body',
    remedy: 'Use a new key for a new request.',
  },
  UNSUPPORTED_KIND: {
    status: 422,
    retryable: false,
    title: 'This kind of job is not available',
    remedy: 'Use one of the kinds that the detail lists.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    title: 'The key sends too many requests',
    remedy: 'Wait as long as Retry-After says; `limit` in the problem says how many a minute are allowed.',
  },
  TOO_MANY_RUNNING_JOBS: {
    status: 429,
    retryable: true,
    title: 'Too many jobs of this owner are running',
    remedy: 'Wait until some of them are final, or cancel some.',
  },
  DAILY_PAGE_LIMIT: {
    status: 429,
    retryable: true,
    title: 'The pages of today are used up',
    remedy: 'Go on after midnight UTC (Retry-After), or ask an admin for more.',
  },
  // What the page or the site answered
  HTTP_404: { status: 502, retryable: false, title: 'The page does not exist', remedy: 'Check the URL.' },
  HTTP_CLIENT_ERROR: {
    status: 502,
    retryable: false,
    title: 'The site refused the request',
    remedy: 'The status is in the detail; try render: "always" if the site wants a browser.',
  },
  HTTP_SERVER_ERROR: { status: 502, retryable: true, title: 'The site failed', remedy: 'Try again later.' },
  RATE_LIMITED_BY_SITE: {
    status: 502,
    retryable: true,
    title: 'The site asks to slow down',
    remedy: 'Try again later; Retry-After is honoured.',
  },
  ROBOTS_DISALLOWED: {
    status: 502,
    retryable: false,
    title: 'robots.txt does not allow this page',
    remedy: 'Ask the site for permission, or choose another page.',
  },
  BLOCKED_ADDRESS: {
    status: 502,
    retryable: false,
    title: 'The egress policy refuses this address',
    remedy: 'Private addresses must be listed exactly: --allow HOST:PORT or GLEANER_ALLOW_PRIVATE.',
  },
  BLOCKED_SCHEME: {
    status: 502,
    retryable: false,
    title: 'The egress policy refuses this scheme',
    remedy: 'Only http and https are fetched.',
  },
  BLOCKED_PORT: {
    status: 502,
    retryable: false,
    title: 'The egress policy refuses this port',
    remedy: 'Public ports are 80, 443, 8080 and 8443; list others exactly with --allow HOST:PORT.',
  },
  REDIRECT_LIMIT: {
    status: 502,
    retryable: false,
    title: 'Too many redirects',
    remedy: 'The site redirects in a loop; try the final URL.',
  },
  REDIRECT_INVALID: {
    status: 502,
    retryable: false,
    title: 'A redirect that cannot be followed',
    remedy: 'The Location is in the detail.',
  },
  TOO_LARGE: {
    status: 502,
    retryable: false,
    title: 'The page is larger than the size limit',
    remedy: 'The limit counts decoded bytes; raise GLEANER_MAX_PAGE_BYTES if the page is wanted.',
  },
  UNSUPPORTED_CONTENT_TYPE: {
    status: 502,
    retryable: false,
    title: 'The content type is not supported',
    remedy: 'Pages must be HTML, XHTML or plain text.',
  },
  UNSUPPORTED_ENCODING: {
    status: 502,
    retryable: false,
    title: 'The content encoding is broken or not supported',
    remedy: 'Nothing to do on this side.',
  },
  FETCH_TIMEOUT: { status: 504, retryable: true, title: 'The page did not arrive within the time limit', remedy: 'Try again later.' },
  DNS_FAILED: { status: 502, retryable: true, title: 'The host name cannot be resolved', remedy: 'Check the host name.' },
  CONNECT_FAILED: { status: 502, retryable: true, title: 'The connection failed', remedy: 'Try again later.' },
  TLS_FAILED: { status: 502, retryable: false, title: 'The TLS handshake failed', remedy: 'The certificate of the site is not valid.' },
  EMPTY_CONTENT: {
    status: 502,
    retryable: false,
    title: 'The page has no content',
    remedy: 'Try render: "always" if it is built by JavaScript.',
  },
  BROWSER_UNAVAILABLE: {
    status: 502,
    retryable: false,
    title: 'The page needs a browser and none is installed',
    remedy: 'Install Chromium or set CHROMIUM_PATH, then start again.',
  },
  BROWSER_FAILED: { status: 502, retryable: true, title: 'The browser failed', remedy: 'Try again.' },
  NOT_LEARNABLE: {
    status: 502,
    retryable: false,
    title: 'No reliable template was found',
    remedy: 'The general extractor serves these pages; the report says what was tried.',
  },
  // What happened inside
  PARSE_TIMEOUT: {
    status: 502,
    retryable: false,
    title: 'Parsing took too long',
    remedy: 'The page is hostile or huge; nothing to do on this side.',
  },
  HOST_BUSY: { status: 503, retryable: true, title: 'The host has no free turn', remedy: 'Nothing: the request waits for its turn.' },
  MODEL_FAILED: {
    status: 502,
    retryable: true,
    title: 'The model provider failed',
    remedy: 'Check the provider and its key; documents are stored without vectors meanwhile, and say so.',
  },
  MODEL_REJECTED: {
    status: 502,
    retryable: false,
    title: 'The model provider refused the request',
    remedy: 'Check the key, the model name and the base URL.',
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: 'The database cannot be reached',
    remedy: 'It is started again by itself; try again in a moment.',
  },
  STORAGE_FULL: {
    status: 507,
    retryable: true,
    title: 'No space is left',
    remedy: 'Free disk space in the data folder; jobs go on by themselves.',
  },
  BLOB_MISSING: { status: 500, retryable: false, title: 'A stored body is missing', remedy: 'Extract the page again with fresh: true.' },
  TEMPORAL_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: 'The Temporal server cannot be reached',
    remedy: 'It is started again by itself; the job was kept and will run.',
  },
  WORKFLOW_TERMINATED: { status: 500, retryable: true, title: 'The workflow was ended from outside', remedy: 'Start the job again.' },
  CANCELLED: { status: 409, retryable: false, title: 'The job was cancelled', remedy: 'Start it again if it is wanted.' },
  DEADLINE_EXCEEDED: {
    status: 504,
    retryable: true,
    title: 'The job took longer than its deadline',
    remedy: 'Start it again; what was fetched is kept.',
  },
  INTERNAL: {
    status: 500,
    retryable: true,
    title: 'Something went wrong inside',
    remedy: 'See the logs with the job id; report it if it repeats.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
