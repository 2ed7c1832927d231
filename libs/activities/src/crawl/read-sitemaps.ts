import { type CrawlLedger, Fault, type FoundPage, type JudgedPage, type SitemapsOutcome } from '@gleaner/domain';
import type { EgressPolicy } from '@gleaner/egress';
import { MAX_SITEMAP_BYTES, type SitemapEntry, keyOf } from '@gleaner/extraction';
import { walkSitemaps } from '../discover/sitemap-walk.js';
import { readDecodedBody } from '../fetch/decoded-body.js';
import type { HostTurns } from '../fetch/host-turns.js';
import { type HttpClientDeps, httpGet } from '../fetch/http-hop.js';
import { isRedirect, redirectTarget } from '../fetch/redirect.js';
import { refusalOf } from '../fetch/refusal.js';
import type { Robots } from '../fetch/robots/robots-service.js';
import { createLinkJudge } from './link-judge.js';

export interface SitemapDeps {
  readonly ledger: CrawlLedger;
  readonly robots: Robots;
  readonly http: HttpClientDeps & { readonly policy: EgressPolicy; readonly turns: HostTurns };
}

const TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 5;
const ACCEPT = 'application/xml,text/xml,text/plain;q=0.9,*/*;q=0.5';
/** Pages of sitemaps stand where a link from the start page would have put them. */
const DEPTH = 1;
/** What is found is bounded by the ledger too; this ends the reading itself. */
const MAX_PAGES = 500_000;

/**
 * Reads the sitemaps that robots.txt names, or the one in its usual place, into the ledger. A file that cannot be had is passed over. A
 * job that is paused is asked again later: what is in the ledger by then is not added twice.
 */
export async function readSitemaps(
  { ledger, robots, http }: SitemapDeps,
  { jobId }: { readonly jobId: string },
  signal: AbortSignal,
): Promise<SitemapsOutcome> {
  const plan = await ledger.plan(jobId);
  const judge = createLinkJudge(plan);
  const start = new URL(plan.startUrls.at(-1) ?? plan.settings.url);
  const newHosts = new Set<string>();
  let pages = 0;
  let read = 0;
  let isCut = await ledger.isPaused(jobId);
  if (isCut) return { pages, newHosts: [], isCut };
  const fetch = async (url: string): Promise<Uint8Array | null> => {
    isCut ||= await ledger.isPaused(jobId);
    return isCut ? null : fetchFile(http, robots, url, signal);
  };
  for await (const entries of walkSitemaps({ files: await filesOf(robots, start, signal), fetch })) {
    const { added, newHosts: hosts } = await ledger.found(jobId, judgedOf(judge, entries));
    for (const host of hosts) newHosts.add(host);
    pages += added;
    read += entries.length;
    if (read >= MAX_PAGES) break;
  }
  return { pages, newHosts: [...newHosts], ...(isCut ? { isCut } : {}) };
}

function judgedOf(judge: ReturnType<typeof createLinkJudge>, entries: readonly SitemapEntry[]): JudgedPage[] {
  return entries.map(({ url, lastModified, priority }) => {
    const found: FoundPage = { url, key: keyOf(url), depth: DEPTH, source: 'sitemap' };
    return judge.judge({ ...found, ...(lastModified === null ? {} : { lastModified }), ...(priority === null ? {} : { priority }) });
  });
}

async function filesOf(robots: Robots, start: URL, signal: AbortSignal): Promise<readonly string[]> {
  const named = await robots.sitemaps(start, signal).catch((error: unknown) => passOver(error, signal) ?? []);
  const files = named.flatMap((reference) => URL.parse(reference, start.href)?.href ?? []);
  return files.length > 0 ? files : [new URL('/sitemap.xml', start).href];
}

async function fetchFile(http: SitemapDeps['http'], robots: Robots, address: string, signal: AbortSignal): Promise<Uint8Array | null> {
  const expiry = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const turns = http.turns.ofPage();
  try {
    let url = new URL(address);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      http.policy.checkUrl(url);
      await turns.take(url, await robots.admit(url, expiry), expiry);
      const answer = await httpGet(http, { url, signal: expiry, headers: { accept: ACCEPT } });
      if (answer.status === 200)
        return await readDecodedBody(answer.body, {
          contentEncoding: answer.header('content-encoding'),
          maxBytes: MAX_SITEMAP_BYTES,
          signal: expiry,
        });
      answer.discard();
      if (!isRedirect(answer.status)) return null;
      url = redirectTarget(url, answer.header('location'));
    }
    return null;
  } catch (error) {
    return passOver(error, signal);
  }
}

/** Null for what is wrong with a file or its site. Throws the cancellation, and that the host wants a pause: the stage comes back then. */
function passOver(error: unknown, signal: AbortSignal): null {
  signal.throwIfAborted();
  if (error instanceof Fault && error.code === 'HOST_BUSY') throw error;
  if (error instanceof Fault || refusalOf(error) !== null) return null;
  throw error;
}
