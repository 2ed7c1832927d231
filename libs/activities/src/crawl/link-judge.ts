import {
  COMBINED_QUERY,
  type CrawlPlan,
  type FoundPage,
  type JudgedPage,
  createScope,
  fileExtensionOf,
  shapeOf,
  siteOf,
  trapProblem,
} from '@gleaner/domain';
import { registrableDomain } from '../discover/registrable-domain.js';

/** Decides which pages belong to a crawl. Pure: the plan says all. */
export interface LinkJudge {
  readonly judge: (page: FoundPage) => JudgedPage;
  readonly verdict: (url: string) => JudgedPage['verdict'];
}

export function createLinkJudge({ settings, startUrls }: Pick<CrawlPlan, 'settings' | 'startUrls'>): LinkJudge {
  const { scope, include, exclude, depth: mostDepth } = settings;
  const scopes = startUrls.map((start) => createScope({ start: new URL(start), scope, include, exclude }, registrableDomain));

  function scopeVerdict(url: URL): JudgedPage['verdict'] {
    let rule = '';
    for (const one of scopes) {
      const judged = one.judge(url);
      if (judged.inScope) return null;
      rule = rule === '' ? judged.rule : rule;
    }
    return { reason: 'out_of_scope', detail: rule };
  }

  function verdictOf(url: URL): JudgedPage['verdict'] {
    const outside = scopeVerdict(url);
    if (outside !== null) return outside;
    const extension = fileExtensionOf(url);
    if (extension !== null) return { reason: 'content_type', detail: `the name ends in ${extension}` };
    const trap = trapProblem(url);
    return trap === null ? null : { reason: 'trap', detail: trap };
  }

  return {
    verdict: (url) => verdictOf(new URL(url)),
    judge(page) {
      const url = new URL(page.url);
      const verdict = verdictOf(url);
      const isDeep = verdict === null && page.depth > mostDepth;
      return {
        ...page,
        host: siteOf(url),
        pattern: patternOf(url),
        verdict: isDeep ? { reason: 'depth', detail: `more than ${mostDepth} links from the start page` } : verdict,
      };
    },
  };
}

/** Combinations of several query parameters count together, whichever they are. */
function patternOf(url: URL): string {
  const shape = shapeOf(url);
  return shape.includes('&') ? `${shape.slice(0, shape.indexOf('?'))}${COMBINED_QUERY}` : shape;
}
