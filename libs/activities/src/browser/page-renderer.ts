import { type BlobStore, Fault, type FetchOutcome, type Snapshot, type SnapshotIndex, urlKey } from '@gleaner/domain';
import { EGRESS_HEADER, type EgressPolicy, type EgressProxy } from '@gleaner/egress';
import type { Page, Response } from 'playwright-core';
import { charsetOf } from '../fetch/charset.js';
import { checkDeclaredType, parseContentType } from '../fetch/content-type.js';
import { Deadline, untilAborted } from '../fetch/deadline.js';
import { ANSWERED, outcomeOfError, outcomeOfStatus } from '../fetch/host-outcome.js';
import type { HostTurns, PageTurns } from '../fetch/host-turns.js';
import { isRedirect, redirectTarget } from '../fetch/redirect.js';
import { PageRefusal, refusalOf } from '../fetch/refusal.js';
import type { Robots } from '../fetch/robots/robots-service.js';
import { checkStatus } from '../fetch/status.js';
import { startClock } from '../runtime/stage-clock.js';
import type { Browser, BrowserLease } from './browser.js';
import { faultOf, navigationFault } from './navigation-fault.js';
import { type NavigationGuard, SKIPPED_RESOURCES, guardNavigation } from './navigation-guard.js';
import { countRequests, settle } from './settle.js';
import { limitTransfer } from './transfer-limit.js';

export interface PageRendererDeps {
  readonly browser: Browser;
  readonly proxy: EgressProxy;
  readonly policy: EgressPolicy;
  readonly robots: Robots;
  readonly turns: HostTurns;
  readonly blobs: BlobStore;
  readonly snapshots: SnapshotIndex;
  readonly now: () => Date;
  readonly timeoutMs: number;
  readonly maxPageBytes: number;
  readonly maxRedirects: number;
  /** Chromium's names of resource types that are not loaded. Default: images, media and fonts. */
  readonly skippedResources?: readonly string[];
}

export interface RenderRequest {
  readonly url: string;
  readonly signal: AbortSignal;
}

export interface PageRenderer {
  /** Renders one page; outcomes and faults as `PageFetcher.fetch` has them, BROWSER_FAILED and BROWSER_UNAVAILABLE besides. */
  render(request: RenderRequest): Promise<FetchOutcome>;
}

interface Visit {
  readonly page: Page;
  readonly turns: PageTurns;
  readonly guard: NavigationGuard;
  readonly pending: () => number;
  /** The last answer to a document of the main frame. */
  readonly answer: () => Response | null;
  /** Reject when the renderer process dies, and when the page loads too much. */
  readonly ends: readonly Promise<never>[];
}

async function openPage(deps: PageRendererDeps, lease: BrowserLease, signal: AbortSignal): Promise<Visit> {
  const page = await lease.context.newPage();
  const session = await lease.context.newCDPSession(page);
  const turns = deps.turns.ofPage();
  lease.context.on('page', (popup) => {
    popup.close().catch(() => undefined); // it went away by itself
  });
  let answer: Response | null = null;
  page.on('response', (response) => {
    if (response.request().isNavigationRequest() && response.frame() === page.mainFrame()) answer = response;
  });
  const crashed = new Promise<never>((_resolve, reject) => {
    page.once('crash', () => reject(new Fault('BROWSER_FAILED', { detail: 'the page crashed the browser' })));
  });
  crashed.catch(() => undefined); // heard only while the page is in use
  const undecodable = bodyThatCannotBeDecoded(page);
  const guard = await guardNavigation(session, {
    policy: deps.policy,
    proxy: deps.proxy,
    maxRedirects: deps.maxRedirects,
    skippedResources: deps.skippedResources ?? SKIPPED_RESOURCES,
    admit: async (url) => {
      deps.policy.checkUrl(url);
      await turns.take(url, await deps.robots.admit(url, signal), signal);
    },
  });
  const { exceeded } = await limitTransfer(session, deps.maxPageBytes);
  return { page, turns, guard, pending: countRequests(page), answer: () => answer, ends: [crashed, exceeded, undecodable] };
}

/** Chromium shows the beginning of such a document and then waits for the rest of it: rejects instead, and never resolves. */
function bodyThatCannotBeDecoded(page: Page): Promise<never> {
  const undecodable = new Promise<never>((_resolve, reject) => {
    page.on('requestfailed', (request) => {
      const isDocument = request.isNavigationRequest() && request.frame() === page.mainFrame();
      if (isDocument && request.failure()?.errorText.includes('ERR_CONTENT_DECODING') === true)
        reject(new PageRefusal('UNSUPPORTED_ENCODING', 'the body is not what its content encoding says'));
    });
  });
  undecodable.catch(() => undefined); // heard only while the page is in use
  return undecodable;
}

/** The error to throw, after the host's budget has heard what it tells of the host. */
async function told({ turns }: Visit, url: URL, error: Error): Promise<Error> {
  const outcome = outcomeOfError(error);
  if (outcome !== null) await turns.report(url, outcome);
  return error;
}

/** Throws what the last document's answer means: the proxy's refusal, a status without a page, a type that is none. */
async function judgeAnswer(deps: PageRendererDeps, visit: Visit, first: URL): Promise<Response> {
  const stopped = visit.guard.stopped();
  if (stopped !== null) throw stopped as Error;
  const answer = visit.answer();
  if (answer === null) throw new Fault('BROWSER_FAILED', { detail: `the browser has no answer of ${first.host}` });
  const url = new URL(answer.url());
  const headers = answer.headers();
  const failure = headers[EGRESS_HEADER] === undefined ? null : deps.proxy.failureOf(url);
  if (failure !== null) throw await told(visit, url, faultOf(failure, url));
  const facts = { status: answer.status(), retryAfter: headers['retry-after'] ?? null, url, now: deps.now().getTime() };
  try {
    checkStatus(facts);
  } catch (error) {
    await visit.turns.report(url, outcomeOfStatus(facts));
    throw error;
  }
  checkDeclaredType(parseContentType(headers['content-type'] ?? null));
  return answer;
}

async function navigate(deps: PageRendererDeps, visit: Visit, first: URL): Promise<void> {
  try {
    // The deadline ends all waits by closing the context; Playwright's own timers are off.
    await visit.page.goto(first.href, { waitUntil: 'commit', timeout: 0 });
  } catch (error) {
    const stopped = visit.guard.stopped();
    if (stopped !== null) throw stopped as Error;
    const url = visit.guard.urls.at(-1) ?? first;
    const answer = visit.answer();
    // Chromium gives up silently on a redirect to a scheme that another program would open.
    if (answer !== null && isRedirect(answer.status())) deps.policy.checkUrl(redirectTarget(url, answer.headers()['location'] ?? null));
    else if (answer !== null) await judgeAnswer(deps, visit, first); // a download or 204: an answer, but no document
    const contentType = answer?.headers()['content-type'] ?? null;
    const fault = navigationFault({ error, url, hasAnswer: answer !== null, contentType, proxy: deps.proxy });
    throw await told(visit, url, fault);
  }
}

async function readContent(deps: PageRendererDeps, page: Page): Promise<Buffer> {
  const tooLarge = new PageRefusal('TOO_LARGE', `the rendered page is larger than the limit of ${deps.maxPageBytes} bytes`);
  const characters: unknown = await page.evaluate('document.documentElement?.outerHTML.length ?? 0');
  if (Number(characters) > deps.maxPageBytes) throw tooLarge;
  const bytes = Buffer.from(await page.content());
  if (bytes.length > deps.maxPageBytes) throw tooLarge;
  return bytes;
}

/** The HTML as the server sent it: comparing tells what the browser was good for. Nothing where it cannot be had or read. */
async function servedBy(deps: PageRendererDeps, answer: Response): Promise<Pick<Snapshot, 'served'>> {
  const bytes = await answer.body().catch(() => null); // Chromium lets bodies go that are too large for it
  if (bytes === null || bytes.length === 0 || bytes.length > deps.maxPageBytes) return {};
  const { essence, charset: declared } = parseContentType(answer.headers()['content-type'] ?? null);
  const charset = readableCharset(bytes, essence ?? 'text/html', declared);
  return charset === null ? {} : { served: { body: await deps.blobs.put(bytes), charset } };
}

function readableCharset(bytes: Uint8Array, essence: string, declared: string | null): string | null {
  try {
    return charsetOf(bytes, essence, declared);
  } catch (error) {
    if (error instanceof PageRefusal) return null;
    throw error;
  }
}

/** The rendered document's own URL: scripts may have changed it without a request. */
function finalUrl(page: Page): URL {
  const url = new URL(page.url());
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new PageRefusal('BLOCKED_SCHEME', `the page went to ${url.protocol}, which is not fetched`);
  url.hash = '';
  return url;
}

async function visitPage(deps: PageRendererDeps, lease: BrowserLease, request: RenderRequest, signal: AbortSignal): Promise<Snapshot> {
  const first = new URL(request.url);
  first.hash = '';
  const visit = await openPage(deps, lease, signal);
  const work = async (): Promise<Snapshot> => {
    await navigate(deps, visit, first);
    await judgeAnswer(deps, visit, first);
    await visit.page.waitForLoadState('domcontentloaded', { timeout: 0 });
    await settle({ page: visit.page, pending: visit.pending, isOver: () => visit.guard.stopped() !== null, signal });
    const answer = await judgeAnswer(deps, visit, first);
    await visit.turns.report(new URL(answer.url()), ANSWERED);
    const final = finalUrl(visit.page);
    const body = await deps.blobs.put(await readContent(deps, visit.page));
    return {
      body,
      url: request.url,
      finalUrl: final.href,
      status: answer.status(),
      contentType: 'text/html',
      charset: 'utf-8',
      method: 'browser',
      ...(await servedBy(deps, answer)),
      fetchedAt: deps.now().toISOString(),
      redirects: visit.guard.urls.slice(1, -1).map((url) => url.href),
    };
  };
  return await Promise.race([work(), ...visit.ends]);
}

/** A start of the browser cannot be stopped: who is cancelled meanwhile leaves, and the context is given back when it is there. */
async function leaseUntilAborted(browser: Browser, signal: AbortSignal): Promise<BrowserLease> {
  signal.throwIfAborted();
  const leasing = browser.lease();
  try {
    return await untilAborted(leasing, signal);
  } catch (error) {
    leasing.then((lease) => lease.release()).catch(() => undefined); // it did not start: nothing to give back
    throw error;
  }
}

async function renderPage(deps: PageRendererDeps, request: RenderRequest, signal: AbortSignal): Promise<Snapshot> {
  const url = new URL(request.url);
  deps.policy.checkUrl(url);
  await deps.robots.admit(url, signal); // before a browser is started for nothing
  const lease = await leaseUntilAborted(deps.browser, signal);
  const release = (): void => void lease.release();
  signal.addEventListener('abort', release, { once: true });
  try {
    signal.throwIfAborted();
    const snapshot = await untilAborted(visitPage(deps, lease, request, signal), signal);
    await deps.snapshots.save(urlKey(url), snapshot);
    return snapshot;
  } catch (error) {
    throw navigationFault({ error, url, hasAnswer: true, contentType: null, proxy: deps.proxy });
  } finally {
    signal.removeEventListener('abort', release);
    const released = lease.release();
    if (!signal.aborted) await released; // who cancels does not wait for a context that hangs
  }
}

export function createPageRenderer(deps: PageRendererDeps): PageRenderer {
  return {
    async render(request) {
      const elapsedMs = startClock();
      const deadline = new Deadline(request.signal, deps.timeoutMs);
      try {
        return { kind: 'fetched', snapshot: await renderPage(deps, request, deadline.signal), notModified: false, durationMs: elapsedMs() };
      } catch (error) {
        const refused = refusalOf(error);
        if (refused !== null && !request.signal.aborted) return { ...refused, durationMs: elapsedMs() };
        throw deadline.explain(error, new URL(request.url).host);
      }
    },
  };
}
