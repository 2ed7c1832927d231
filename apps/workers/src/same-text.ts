import type { EarlierText } from '@gleaner/activities';
import type { ExtractedPage } from '@gleaner/domain';
import { type ParsedPage, contentHashOf, extractPage } from '@gleaner/extraction';

/**
 * Whether a page says what it said at an earlier visit. Rules that were learned since cut the text a little differently: then the way
 * in which the earlier text was found decides, so that learning a template changes no page.
 */
export function saysTheSame(parsed: ParsedPage, page: ExtractedPage, { title, contentHash, isGeneral }: EarlierText): boolean {
  const isSame = (now: ExtractedPage): boolean => now.title === title && contentHashOf(now.text) === contentHash;
  return isSame(page) || (isGeneral && page.method !== 'general' && isSame(extractPage(parsed, null).page));
}
