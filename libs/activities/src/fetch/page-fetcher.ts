import { type BlobStore, type FetchOutcome, type Snapshot, type SnapshotIndex, urlKey } from '@gleaner/domain';
import type { EgressPolicy } from '@gleaner/egress';
import { startClock } from '../runtime/stage-clock.js';
import { charsetOf } from './charset.js';
import { checkDeclaredType, pageType, parseContentType } from './content-type.js';
import { Deadline } from './deadline.js';
import { readDecodedBody } from './decoded-body.js';
import type { HostLane } from './host-lane.js';
import { ANSWERED, outcomeOfError, outcomeOfStatus } from './host-outcome.js';
import type { HostTurns, PageTurns } from './host-turns.js';
import { type HttpAnswer, type HttpClientDeps, httpGet } from './http-hop.js';
import { RedirectLeft, RedirectTrail, isRedirect, redirectTarget } from './redirect.js';
import { PageRefusal, refusalOf } from './refusal.js';
import type { Robots } from './robots/robots-service.js';
import { checkStatus } from './status.js';
import { transportFault } from './transport-fault.js';

/** A header that says more is not about robots. */
const MAX_ROBOTS_TAG_LENGTH = 500;

export interface PageFetcherDeps extends HttpClientDeps {
  readonly policy: EgressPolicy;
  readonly robots: Robots;
  readonly turns: HostTurns;
  readonly blobs: BlobStore;
  readonly snapshots: SnapshotIndex;
  readonly now: () => Date;
  readonly timeoutMs: number;
  readonly maxPageBytes: number;
  readonly maxRedirects: number;
}

export interface PageRequest {
  readonly url: string;
  /** true: no conditional request, no stored snapshot. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  /** Asked before a redirect is followed; on false `fetch` rejects with RedirectLeft. */
  readonly follows?: (target: URL) => Promise<boolean>;
  /** The lane of the batch that the page belongs to: its turns, permits and reports, for the requests to its host. */
  readonly lane?: HostLane;
}

export interface PageFetcher {
  /**
   * Fetches one page by HTTP. What is known about the page afterwards is the outcome; what may go well later is thrown as
   * a retryable Fault. An aborted signal rejects with its own reason.
   */
  fetch(request: PageRequest): Promise<FetchOutcome>;
}

/** One page under way. */
interface Visit {
  readonly follows: (target: URL) => Promise<boolean>;
  readonly turns: PageTurns;
  /** Ends at the deadline as well. */
  readonly signal: AbortSignal;
  /** Who cancels: an exchange that ends so tells nothing of the host. */
  readonly cancellation: AbortSignal;
}

interface Arrival {
  readonly answer: HttpAnswer;
  readonly redirects: readonly string[];
}

/** The stored snapshot whose validators may be sent: fetched by HTTP, and its body still there. */
async function storedPage(deps: PageFetcherDeps, key: string, request: PageRequest): Promise<Snapshot | null> {
  if (request.fresh) return null;
  const stored = await deps.snapshots.latest(key);
  if (stored === null || stored.method !== 'http' || (stored.etag === undefined && stored.lastModified === undefined)) return null;
  return (await deps.blobs.has(stored.body.hash)) ? stored : null;
}

/** Validators belong to the URL that gave them, not to the redirects before it. */
function conditions(stored: Snapshot | null, url: URL): Record<string, string> {
  if (stored?.finalUrl !== url.href) return {};
  return {
    ...(stored.etag === undefined ? {} : { 'if-none-match': stored.etag }),
    ...(stored.lastModified === undefined ? {} : { 'if-modified-since': stored.lastModified }),
  };
}

/** Follows redirects; every hop passes the policy, the robots.txt of its host and the host's turn. */
async function arrive(deps: PageFetcherDeps, first: URL, stored: Snapshot | null, visit: Visit): Promise<Arrival> {
  const trail = new RedirectTrail(first, deps.maxRedirects);
  const { turns, signal } = visit;
  for (let url = first; ;) {
    deps.policy.checkUrl(url);
    await turns.take(url, await deps.robots.admit(url, signal), signal);
    const answer = await told(visit, url, httpGet(deps, { url, signal, headers: conditions(stored, url) }));
    if (!isRedirect(answer.status)) return { answer, redirects: trail.between };
    answer.discard();
    await turns.report(url, ANSWERED);
    url = redirectTarget(url, answer.header('location'));
    trail.follow(url);
    if (!(await visit.follows(url))) throw new RedirectLeft(url, answer.status);
  }
}

/** The exchange's result; where it fails the host's budget hears of it. */
async function told<T>({ turns, cancellation }: Visit, url: URL, exchange: Promise<T>): Promise<T> {
  try {
    return await exchange;
  } catch (error) {
    const outcome = cancellation.aborted ? null : outcomeOfError(error);
    if (outcome !== null) await turns.report(url, outcome);
    throw error;
  }
}

async function readPage(
  deps: PageFetcherDeps,
  answer: HttpAnswer,
  signal: AbortSignal,
): Promise<{ bytes: Buffer; contentType: string; charset: string }> {
  const declared = parseContentType(answer.header('content-type'));
  let contentType = '';
  try {
    checkDeclaredType(declared);
    if (Number(answer.header('content-length') ?? 0) > deps.maxPageBytes)
      throw new PageRefusal('TOO_LARGE', `the page is larger than the limit of ${deps.maxPageBytes} bytes`);
    const bytes = await readDecodedBody(answer.body, {
      contentEncoding: answer.header('content-encoding'),
      maxBytes: deps.maxPageBytes,
      signal,
      onPrefix: (prefix) => {
        contentType = pageType(declared, prefix);
      },
    });
    if (bytes.length === 0)
      throw new PageRefusal('EMPTY_CONTENT', `${answer.url.host} answered ${answer.status} without content`, answer.status);
    return { bytes, contentType, charset: charsetOf(bytes, contentType, declared.charset) };
  } catch (error) {
    answer.body.on('error', () => undefined).destroy();
    throw transportFault(error, answer.url);
  }
}

async function fetchPage(deps: PageFetcherDeps, request: PageRequest, visit: Visit): Promise<{ snapshot: Snapshot; notModified: boolean }> {
  const first = new URL(request.url);
  first.hash = '';
  const key = urlKey(first);
  const stored = await storedPage(deps, key, request);
  const { answer, redirects } = await arrive(deps, first, stored, visit);
  if (answer.status === 304 && stored?.finalUrl === answer.url.href) {
    answer.discard();
    await visit.turns.report(answer.url, ANSWERED);
    return { snapshot: { ...stored, url: request.url, redirects }, notModified: true };
  }
  await judgeStatus(deps, answer, visit.turns);
  const { bytes, contentType, charset } = await told(visit, answer.url, readPage(deps, answer, visit.signal));
  await visit.turns.report(answer.url, ANSWERED);
  const etag = answer.header('etag');
  const lastModified = answer.header('last-modified');
  const robotsTag = answer.header('x-robots-tag');
  const snapshot: Snapshot = {
    body: await deps.blobs.put(bytes),
    url: request.url,
    finalUrl: answer.url.href,
    status: answer.status,
    contentType,
    charset,
    method: 'http',
    fetchedAt: deps.now().toISOString(),
    redirects,
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
    ...(robotsTag === null ? {} : { robotsTag: robotsTag.slice(0, MAX_ROBOTS_TAG_LENGTH) }),
  };
  await deps.snapshots.save(key, snapshot);
  return { snapshot, notModified: false };
}

async function judgeStatus(deps: PageFetcherDeps, answer: HttpAnswer, turns: PageTurns): Promise<void> {
  const facts = { status: answer.status, retryAfter: answer.header('retry-after'), url: answer.url, now: deps.now().getTime() };
  try {
    checkStatus(facts);
  } catch (error) {
    answer.discard();
    await turns.report(facts.url, outcomeOfStatus(facts));
    throw error;
  }
}

const always = async (): Promise<boolean> => true;

export function createPageFetcher(deps: PageFetcherDeps): PageFetcher {
  return {
    async fetch(request) {
      const elapsedMs = startClock();
      const deadline = new Deadline(request.signal, deps.timeoutMs);
      try {
        const { lane, signal, follows = always } = request;
        const visit = { follows, turns: deps.turns.ofPage(lane), signal: deadline.signal, cancellation: signal };
        return { kind: 'fetched', ...(await fetchPage(deps, request, visit)), durationMs: elapsedMs() };
      } catch (error) {
        const refused = refusalOf(error);
        if (refused !== null && !request.signal.aborted) return { ...refused, durationMs: elapsedMs() };
        throw deadline.explain(error, new URL(request.url).host);
      }
    },
  };
}
