import type { CrawlLedger } from '@gleaner/domain';
export interface SitemapDeps {
  readonly ledger: CrawlLedger;
  readonly http: unknown;
}
export async function readSitemaps(
  _deps: SitemapDeps,
  _input: { readonly jobId: string },
  _signal: AbortSignal,
): Promise<{ readonly pages: number; readonly newHosts: readonly string[] }> {
  return { pages: 0, newHosts: [] };
}
