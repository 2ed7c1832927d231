export interface RobotsDirectives {
  readonly noindex: boolean;
  readonly nofollow: boolean;
}

/** What comma lists of directives ask for together (https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag): the strictest holds. */
export function readRobotsDirectives(values: readonly string[]): RobotsDirectives {
  const words = new Set(values.flatMap((value) => value.toLowerCase().split(/[\s,]+/)));
  return { noindex: words.has('noindex') || words.has('none'), nofollow: words.has('nofollow') || words.has('none') };
}
