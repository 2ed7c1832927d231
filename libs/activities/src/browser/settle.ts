import type { Page } from 'playwright-core';
import { pause } from '../fetch/deadline.js';

const POLL_MS = 100;
/** A text that has not changed this long is what the page has to say. */
const QUIET_MS = 400;
/** A page with hardly any text is given longer to build it. */
const SHELL_QUIET_MS = 2_000;
const SHELL_CHARACTERS = 200;
/** Connections that are still open then are taken for long polls. */
const NETWORK_MS = 3_000;
const MAX_SETTLE_MS = 10_000;

/** Characters of text in the body without those of scripts and styles. A string, because it runs in the page. */
const TEXT_LENGTH = `(() => {
  const body = document.body;
  if (body === null) return 0;
  let length = body.textContent.length;
  for (const hidden of body.querySelectorAll('script,style,noscript,template')) length -= hidden.textContent.length;
  return length;
})()`;

/** Counts the requests of a page that are under way; made before it navigates. */
export function countRequests(page: Page): () => number {
  let pending = 0;
  page.on('request', () => pending++);
  page.on('requestfinished', () => pending--);
  page.on('requestfailed', () => pending--);
  return () => pending;
}

async function textLength(page: Page): Promise<number> {
  // A navigation in between destroys the document that was asked: the next poll asks the new one.
  const length: unknown = await page.evaluate(TEXT_LENGTH).catch(() => -1);
  return typeof length === 'number' ? length : 0;
}

export interface Settling {
  readonly page: Page;
  /** Requests that are under way. */
  readonly pending: () => number;
  /** True when there is nothing left to wait for. */
  readonly isOver: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Waits until the text of the page stands still and the network is quiet, at most 10 s. A page that never does is taken as it
 * is then. Rejects with the signal's reason.
 */
export async function settle({ page, pending, isOver, signal }: Settling): Promise<void> {
  const startedAt = performance.now();
  let lastLength = -1;
  let stableSince = startedAt;
  for (let now = startedAt; !isOver() && now - startedAt < MAX_SETTLE_MS; now = performance.now()) {
    const length = await textLength(page);
    if (length !== lastLength) {
      lastLength = length;
      stableSince = now;
    }
    const quietMs = length < SHELL_CHARACTERS ? SHELL_QUIET_MS : QUIET_MS;
    const isNetworkQuiet = pending() <= 0 || now - startedAt > NETWORK_MS;
    if (isNetworkQuiet && now - stableSince >= quietMs) return;
    await pause(POLL_MS, signal);
  }
}
