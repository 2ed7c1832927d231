import type { CrawlScopeKind } from './crawl/crawl.js';
import { compileUrlPattern } from './url-pattern.js';
import { urlKey } from './url.js';

/** `rule` says in words which rule kept the URL out. */
export type ScopeVerdict = { readonly inScope: true } | { readonly inScope: false; readonly rule: string };

export interface ScopeOptions {
  readonly start: URL;
  readonly scope: CrawlScopeKind;
  /** Patterns of `compileUrlPattern`. Where there are any, a URL must match one. */
  readonly include: readonly string[];
  /** A URL that matches one is out, also when it matches an include pattern. */
  readonly exclude: readonly string[];
}

/** The registrable domain of a host (`b.co.uk` of `a.b.co.uk`); null for IP addresses, single labels and public suffixes. */
export type RegistrableDomain = (host: string) => string | null;

export interface CrawlScope {
  /** Whether a crawl may ask for a URL. */
  judge(url: URL): ScopeVerdict;
}

type Rule = (url: URL) => string | null;

const IN_SCOPE: ScopeVerdict = { inScope: true };
const MAX_SHOWN_CHARACTERS = 100;

const shown = (text: string): string => (text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text);

/** The name that a host is compared by: without a last dot and without `www.`. */
function bareHost(url: URL): string {
  return url.hostname.replace(/\.$/, '').replace(/^www\.(?=.*\.)/, '');
}

function schemeRule(url: URL): string | null {
  return url.protocol === 'http:' || url.protocol === 'https:' ? null : `scheme ${url.protocol.slice(0, -1)}`;
}

/** Another port is another server; the default ports of http and https are both the empty port of a parsed URL. */
function hostRule(start: URL): Rule {
  const host = bareHost(start);
  return (url) => (bareHost(url) === host && url.port === start.port ? null : `host ${shown(url.host)} is not ${shown(start.host)}`);
}

function domainRule(start: URL, registrableDomain: RegistrableDomain): Rule {
  const domain = registrableDomain(bareHost(start));
  if (domain === null) return hostRule(start);
  return (url) => {
    if (url.port !== '' && url.port !== start.port) return `port ${url.port} is not that of ${shown(start.host)}`;
    return registrableDomain(bareHost(url)) === domain ? null : `host ${shown(url.host)} is not of ${shown(domain)}`;
  };
}

/** `/docs/intro` is in the folder `/docs/`: what is not below it is out. The folder's name without its slash is the folder. */
function pathRule(start: URL): Rule {
  const onHost = hostRule(start);
  const folderOf = (url: URL): string => new URL(urlKey(url)).pathname;
  const folder = folderOf(start).replace(/[^/]*$/, '');
  return (url) => {
    const elsewhere = onHost(url);
    if (elsewhere !== null) return elsewhere;
    return `${folderOf(url)}/`.startsWith(folder) ? null : `path is not below ${shown(folder)}`;
  };
}

function placeRule({ start, scope }: ScopeOptions, registrableDomain: RegistrableDomain): Rule {
  switch (scope) {
    case 'host':
      return hostRule(start);
    case 'domain':
      return domainRule(start, registrableDomain);
    case 'path':
    default:
      return pathRule(start);
  }
}

function excludeRule(patterns: readonly string[]): Rule {
  const compiled = patterns.map((text) => ({ text, matches: compileUrlPattern(text) }));
  return (url) => {
    const hit = compiled.find(({ matches }) => matches(url));
    return hit === undefined ? null : `exclude ${shown(hit.text)}`;
  };
}

function includeRule(patterns: readonly string[]): Rule {
  const compiled = patterns.map((text) => compileUrlPattern(text));
  return (url) => (compiled.length === 0 || compiled.some((matches) => matches(url)) ? null : 'no include pattern matches');
}

/**
 * What a crawl may ask for. `www.` and the choice of http or https do not part hosts, ports do. The start URL is always in
 * scope, whatever the patterns say. The first rule that a URL breaks is told: scheme, host or path, exclude, include.
 */
export function createScope(options: ScopeOptions, registrableDomain: RegistrableDomain): CrawlScope {
  const start = urlKey(options.start);
  const rules = [schemeRule, placeRule(options, registrableDomain), excludeRule(options.exclude), includeRule(options.include)];
  return {
    judge(url) {
      for (const rule of rules) {
        const broken = rule(url);
        if (broken !== null) return urlKey(url) === start ? IN_SCOPE : { inScope: false, rule: broken };
      }
      return IN_SCOPE;
    },
  };
}
