import type { TemplateConfig } from '@gleaner/domain';
import { type MainContent, findMainContent } from '../content/main-content.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { keptTexts } from './agreement.js';
import { proseShare } from './excludes.js';
import { proseOf } from './page-texts.js';

const MIN_CHARS = 200;
const MIN_SHARE_OF_GENERAL = 0.4;
const MAX_SHARE_OF_GENERAL = 2;
/** Below this part of what learned pages had, the running text of a page is somewhere else. */
const PROSE_TOLERANCE = 0.7;

/** Why content is not what the template's pages have (null when it is), and how much of the page's running text it holds. */
export interface GuardVerdict {
  readonly miss: string | null;
  readonly agreement: number | null;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** By the general extractor: half a page's work, so it is asked only in doubt. */
function againstGeneral(page: ParsedPage, content: MainContent, { fingerprint }: TemplateConfig): string | null {
  const general = findMainContent(page);
  if (general.chars === 0) return null;
  const share = content.chars / general.chars;
  if (share < MIN_SHARE_OF_GENERAL) return `${percent(share)} of what the general extractor finds`;
  if (share > MAX_SHARE_OF_GENERAL && content.chars > fingerprint.maxChars * 1.5)
    return `${share.toFixed(1)} times what the general extractor finds`;
  const kept = keptTexts(content);
  let held = 0,
    all = 0;
  for (const [text, length] of keptTexts(general)) {
    all += length;
    if (kept.has(text)) held += length;
  }
  return held < all * MIN_SHARE_OF_GENERAL ? `${percent(held / all)} of the text that the general extractor finds` : null;
}

/**
 * Judges content by the fingerprint of its template. Usual in length and with the page's running text in it, it is taken; when
 * either is not so, the general extractor decides: at least 40 % of its length and of its text, not over twice its length.
 */
export function guardContent(page: ParsedPage, content: MainContent, config: TemplateConfig): GuardVerdict {
  const { minChars, maxChars, proseShare: learnedShare } = config.fingerprint;
  const least = Math.min(MIN_CHARS, Math.floor(minChars * 0.6));
  if (content.chars < Math.max(1, least)) return { miss: `only ${content.chars} characters`, agreement: 0 };
  const agreement = proseShare(proseOf(page), content);
  const usualLength = content.chars >= minChars * 0.7 && content.chars <= maxChars * 1.5;
  const usualText = agreement === null || agreement >= (learnedShare ?? 1) * PROSE_TOLERANCE;
  return { miss: usualLength && usualText ? null : againstGeneral(page, content, config), agreement };
}
