import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';

/** A counter, a greeting, a banner: what scripts add to nearly every page. */
const MIN_TEXT = 200;
const TEXT_SHARE = 0.3;
const MIN_LINKS = 5;
const LINK_SHARE = 0.2;

/**
 * Whether a browser is worth its time for pages like this one: scripts have added text (200 characters and three tenths of what there was) or links
 * that lead further (five, and a fifth of what there was). `served` is what the server sent, `rendered` what became of it.
 */
export function browserAdds(served: ParsedPage, rendered: ParsedPage): boolean {
  const before = textOf(served);
  if (textOf(rendered) - before >= Math.max(MIN_TEXT, before * TEXT_SHARE)) return true;
  const known = new Set(served.links.map(({ url }) => url));
  const added = new Set(rendered.links.map(({ url }) => url).filter((url) => !known.has(url)));
  return added.size >= Math.max(MIN_LINKS, known.size * LINK_SHARE);
}

function textOf({ body }: ParsedPage): number {
  return body === null ? 0 : lineOf(body).length;
}
