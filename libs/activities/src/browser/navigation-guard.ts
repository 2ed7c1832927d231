import type { EgressPolicy, EgressProxy } from '@gleaner/egress';
import type { CDPSession } from 'playwright-core';
import { PageRefusal } from '../fetch/refusal.js';

/** Types of sub-resources that a text does not need. */
export const SKIPPED_RESOURCES: readonly string[] = ['Image', 'Media', 'Font'];

export interface NavigationGuardDeps {
  readonly policy: EgressPolicy;
  readonly proxy: EgressProxy;
  /** Called before each document of the main frame is requested, redirects included; a rejection stops it. */
  readonly admit: (url: URL) => Promise<void>;
  readonly maxRedirects: number;
  readonly skippedResources: readonly string[];
}

/** What a main frame asked for, and why it was stopped. */
export interface NavigationGuard {
  /** Documents of the main frame in the order in which they were asked for. */
  readonly urls: readonly URL[];
  /** The error of the first navigation that was stopped; null when none was. */
  readonly stopped: () => unknown;
}

interface PausedRequest {
  readonly requestId: string;
  readonly request: { readonly url: string };
  readonly frameId: string;
  readonly resourceType: string;
}

/**
 * Judges every document before it is requested, redirects included, which Playwright's own routes do not see. The proxy stays
 * the boundary; this one is for politeness (robots.txt and turns of each new host, no images) and for exact answers.
 */
export async function guardNavigation(session: CDPSession, deps: NavigationGuardDeps): Promise<NavigationGuard> {
  const { frameTree } = await session.send('Page.getFrameTree');
  const mainFrame = frameTree.frame.id;
  const urls: URL[] = [];
  let stopped: unknown = null;

  async function judgeDocument(paused: PausedRequest): Promise<void> {
    const url = new URL(paused.request.url);
    if (paused.frameId !== mainFrame) {
      deps.policy.checkUrl(url);
      return;
    }
    if (stopped !== null) throw stopped;
    url.hash = '';
    urls.push(url);
    if (urls.length > deps.maxRedirects + 1) throw new PageRefusal('REDIRECT_LIMIT', `more than ${deps.maxRedirects} redirects`);
    await deps.admit(url);
  }

  async function decide(paused: PausedRequest): Promise<void> {
    const { requestId } = paused;
    try {
      if (deps.skippedResources.includes(paused.resourceType)) {
        await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
        return;
      }
      if (paused.resourceType === 'Document') await judgeDocument(paused);
    } catch (error) {
      if (paused.frameId === mainFrame) stopped ??= error;
      await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
      return;
    }
    await session.send('Fetch.continueRequest', { requestId });
  }

  session.on('Fetch.requestPaused', (paused) => {
    decide(paused).catch(() => undefined); // the page was closed while the request waited
  });
  // The first document of a context is always asked for here, so that the proxy's credential is known to it from then on.
  session.on('Fetch.authRequired', ({ requestId, authChallenge }) => {
    const { username, password } = deps.proxy;
    const authChallengeResponse =
      authChallenge.source === 'Proxy'
        ? { response: 'ProvideCredentials' as const, username, password }
        : { response: 'CancelAuth' as const };
    session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse }).catch(() => undefined); // the same
  });
  const types = ['Document', ...deps.skippedResources] as ('Document' | 'Image')[];
  await session.send('Fetch.enable', {
    handleAuthRequests: true,
    patterns: types.map((resourceType) => ({ urlPattern: '*', resourceType, requestStage: 'Request' as const })),
  });
  return { urls, stopped: () => stopped };
}
