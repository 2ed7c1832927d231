import type { CrawlScopeKind } from './crawl/crawl.js';
import { patternHolds } from './url-pattern.js';

export interface ScopeRules {
  readonly start: URL;
  readonly scope: CrawlScopeKind;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** `rule` says in words which rule leaves a URL out. */
export type ScopeVerdict = { readonly inScope: true } | { readonly inScope: false; readonly rule: string };

export interface CrawlScope {
  judge(url: URL): ScopeVerdict;
}

/** The part of a host name that somebody registered (`example.co.uk`); null for addresses, single names and public suffixes. */
export type RegistrableDomain = (hostname: string) => string | null;

const IN: ScopeVerdict = { inScope: true };
const out = (rule: string): ScopeVerdict => ({ inScope: false, rule });

/**
 * Which URLs belong to a crawl. A host is the same with and without a leading `www.` and under http and https; a port is part of
 * it. The start page is always in scope.
 */
export function createScope({ start, scope, include, exclude }: ScopeRules, registrableDomain: RegistrableDomain): CrawlScope {
  const host = bareHost(start);
  const domain = scope === 'domain' ? registrableDomain(start.hostname) : null;
  const folder = start.pathname.slice(0, start.pathname.lastIndexOf('/') + 1);

  function placeVerdict(url: URL): ScopeVerdict {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return out(`scheme ${url.protocol.slice(0, -1)}`);
    if (domain !== null) return registrableDomain(url.hostname) === domain ? IN : out(`host ${url.host} is not of ${domain}`);
    if (bareHost(url) !== host) return out(`host ${url.host} is not ${start.host}`);
    return scope === 'path' && !url.pathname.startsWith(folder) ? out(`path is not below ${folder}`) : IN;
  }

  return {
    judge(url) {
      if (url.href === start.href) return IN;
      const place = placeVerdict(url);
      if (!place.inScope) return place;
      const excluded = exclude.find((pattern) => patternHolds(pattern, url));
      if (excluded !== undefined) return out(`exclude ${excluded}`);
      if (include.length > 0 && !include.some((pattern) => patternHolds(pattern, url))) return out('no include pattern matches');
      return IN;
    },
  };
}

function bareHost(url: URL): string {
  const name = url.hostname.startsWith('www.') ? url.hostname.slice(4) : url.hostname;
  return url.port === '' ? name : `${name}:${url.port}`;
}
