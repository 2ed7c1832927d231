import { Fault, type RobotsCache, type RobotsRecord } from '@gleaner/domain';
import type { EgressPolicy } from '@gleaner/egress';
import { untilAborted } from '../deadline.js';
import { readDecodedBody } from '../decoded-body.js';
import { outcomeOfError, outcomeOfStatus } from '../host-outcome.js';
import type { HostTurns, PageTurns } from '../host-turns.js';
import { type HttpAnswer, type HttpClientDeps, httpGet } from '../http-hop.js';
import { isRedirect, redirectTarget } from '../redirect.js';
import { PageRefusal, refusalOf } from '../refusal.js';
import { transportFault } from '../transport-fault.js';
import { judgeByRobots } from './match.js';
import { MAX_ROBOTS_BYTES, parseRobots } from './parse.js';
import { productToken } from './product-token.js';
import { sitemapsOf } from './sitemap-lines.js';

const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 10_000;
const MAX_TRANSFER_BYTES = 5_000_000;
/** RFC 9309 §2.4: not longer than a day. */
const KEPT_MS = 24 * 3_600_000;
/** A site that fails is asked again soon. */
const KEPT_CLOSED_MS = 30_000;

export interface RobotsDeps extends HttpClientDeps {
  readonly policy: EgressPolicy;
  readonly cache: RobotsCache;
  readonly turns: HostTurns;
  readonly now: () => Date;
}

/** Asks a site's robots.txt before its pages are asked for. */
export interface Robots {
  /**
   * Returns the Crawl-delay in milliseconds (0 for none) when the URL may be fetched. Throws PageRefusal ROBOTS_DISALLOWED
   * when not, the Fault of the connection when the site cannot be reached, and Fault HOST_BUSY.
   */
  admit(url: URL, signal: AbortSignal): Promise<number>;
  /** The sitemaps that the file names, as written. Throws as `admit` does where it cannot be read. */
  sitemaps(url: URL, signal: AbortSignal): Promise<readonly string[]>;
}

/** A file that was parsed, and until when it is not looked at again. */
interface KnownRobots {
  readonly record: RobotsRecord;
  readonly groups: ReturnType<typeof parseRobots>;
  readonly untilMs: number;
}

/** A crawl asks for every page; other processes' news of a file are seen after this time at the latest. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 200;

type Fetched = Pick<RobotsRecord, 'status' | 'body'>;

function isClosed(status: number): boolean {
  return status === 429 || status >= 500;
}

/** What RFC 9309 §2.3.1.3 calls unavailable: everything is allowed. */
const ABSENT: Fetched = { status: 404, body: null };

async function bodyOf(answer: HttpAnswer, signal: AbortSignal): Promise<Fetched> {
  const options = {
    contentEncoding: answer.header('content-encoding'),
    maxBytes: MAX_TRANSFER_BYTES,
    cutAfterBytes: MAX_ROBOTS_BYTES + 1,
    signal,
  };
  try {
    return { status: answer.status, body: await readDecodedBody(answer.body, options) };
  } catch (error) {
    if (refusalOf(error) !== null) return ABSENT;
    throw transportFault(error, answer.url);
  }
}

async function ask(deps: RobotsDeps, turns: PageTurns, url: URL, signal: AbortSignal): Promise<HttpAnswer> {
  deps.policy.checkUrl(url);
  await turns.take(url, 0, signal);
  try {
    const answer = await httpGet(deps, { url, signal, headers: { accept: 'text/plain,*/*;q=0.5' } });
    const facts = { status: answer.status, retryAfter: answer.header('retry-after'), url, now: deps.now().getTime() };
    await turns.report(url, outcomeOfStatus(facts));
    return answer;
  } catch (error) {
    const outcome = outcomeOfError(error);
    if (outcome !== null) await turns.report(url, outcome);
    throw error;
  }
}

/** Follows up to five redirects, also to other hosts; where they lead nowhere the file counts as absent (RFC 9309 §2.3.1.2). */
async function fetchRobots(deps: RobotsDeps, origin: string, signal: AbortSignal): Promise<Fetched> {
  const turns = deps.turns.ofPage();
  let url = new URL('/robots.txt', origin);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    let answer: HttpAnswer;
    try {
      answer = await ask(deps, turns, url, signal);
    } catch (error) {
      // A refusal of the origin itself concerns its pages as well and is told as it is.
      if (redirects > 0 && refusalOf(error) !== null) return ABSENT;
      throw error;
    }
    if (answer.status >= 200 && answer.status < 300) return await bodyOf(answer, signal);
    answer.discard();
    if (!isRedirect(answer.status)) return { status: answer.status, body: null };
    const target = redirectOrNull(url, answer.header('location'));
    if (target === null) return ABSENT;
    url = target;
  }
  return ABSENT;
}

function redirectOrNull(from: URL, location: string | null): URL | null {
  try {
    return redirectTarget(from, location);
  } catch (error) {
    if (refusalOf(error) !== null) return null;
    throw error;
  }
}

async function load(deps: RobotsDeps, origin: string): Promise<RobotsRecord> {
  const known = await deps.cache.get(origin);
  const now = deps.now();
  if (known !== null && Date.parse(known.expiresAt) > now.getTime()) return known;
  const expiry = AbortSignal.timeout(TIMEOUT_MS);
  const fetched = await fetchRobots(deps, origin, expiry).catch((error: unknown) => {
    if (!expiry.aborted) throw error;
    throw new Fault('FETCH_TIMEOUT', {
      detail: `robots.txt of ${new URL(origin).host} did not arrive within ${TIMEOUT_MS / 1_000} s`,
      cause: error,
    });
  });
  // What the site said before it began to fail still holds (RFC 9309 §2.3.1.4).
  const body = isClosed(fetched.status) ? (known?.body ?? null) : fetched.body;
  const keptMs = isClosed(fetched.status) ? KEPT_CLOSED_MS : KEPT_MS;
  const record: RobotsRecord = {
    origin,
    status: fetched.status,
    body,
    fetchedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + keptMs).toISOString(),
  };
  await deps.cache.put(record);
  return record;
}

/** One request for robots.txt at a time per origin; who comes later waits for the same answer. */
export function createRobots(deps: RobotsDeps): Robots {
  const token = productToken(deps.userAgent);
  const loading = new Map<string, Promise<KnownRobots>>();
  const known = new Map<string, KnownRobots>();

  function recordOf(origin: string): Promise<KnownRobots> {
    const fresh = known.get(origin);
    if (fresh !== undefined && fresh.untilMs > deps.now().getTime()) return Promise.resolve(fresh);
    const running = loading.get(origin);
    if (running !== undefined) return running;
    const started = read(origin).finally(() => loading.delete(origin));
    loading.set(origin, started);
    return started;
  }

  async function read(origin: string): Promise<KnownRobots> {
    const record = await load(deps, origin);
    const untilMs = Math.min(Date.parse(record.expiresAt), deps.now().getTime() + REMEMBERED_MS);
    const parsed = { record, untilMs, groups: record.body === null ? [] : parseRobots(record.body) };
    known.delete(origin);
    known.set(origin, parsed);
    for (const oldest of known.keys()) {
      if (known.size <= MAX_REMEMBERED) break;
      known.delete(oldest);
    }
    return parsed;
  }

  return {
    async admit(url, signal) {
      deps.policy.checkUrl(url);
      signal.throwIfAborted();
      const { record, groups } = await untilAborted(recordOf(url.origin), signal);
      if (record.body === null) {
        if (!isClosed(record.status)) return 0;
        // Closed until it can be read (RFC 9309 §2.3.1.4), which may be soon: the page is tried again then.
        throw new Fault(record.status === 429 ? 'RATE_LIMITED_BY_SITE' : 'HTTP_SERVER_ERROR', {
          detail: `robots.txt of ${url.host} answered ${record.status}: the site counts as closed until it can be read`,
          retryAfterMs: Math.max(1_000, Date.parse(record.expiresAt) - deps.now().getTime()),
        });
      }
      const verdict = judgeByRobots(groups, token, url);
      if (!verdict.allowed)
        throw new PageRefusal('ROBOTS_DISALLOWED', `robots.txt of ${url.host} does not allow ${url.pathname.slice(0, 200)} for ${token}`);
      return verdict.crawlDelayMs;
    },

    async sitemaps(url, signal) {
      deps.policy.checkUrl(url);
      const { record } = await untilAborted(recordOf(url.origin), signal);
      return record.body === null ? [] : sitemapsOf(record.body);
    },
  };
}
