import type { CrawlScopeKind } from './crawl/crawl.js';
export interface ScopeRules {
  readonly start: URL;
  readonly scope: CrawlScopeKind;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}
export function createScope(
  { start }: ScopeRules,
  _registrable: (host: string) => string | null,
): { judge(url: URL): { readonly inScope: true } | { readonly inScope: false; readonly rule: string } } {
  return {
    judge: (url) => (url.host === start.host ? { inScope: true } : { inScope: false, rule: `host ${url.host} is not ${start.host}` }),
  };
}
