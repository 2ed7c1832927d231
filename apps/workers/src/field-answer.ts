import type { FieldAnswer } from '@gleaner/activities';
import type { ExtractedPage, WantedField } from '@gleaner/domain';
import { type ParsedPage, extractBySchema, toText } from '@gleaner/extraction';

/** About 15,000 tokens: what a model is shown of a page. */
const MAX_SHOWN = 60_000;

/** What rules and the general extractor have of the wanted fields, and what a model would be shown for the rest. */
export function answerOf(parsed: ParsedPage, page: ExtractedPage, wanted: readonly WantedField[]): FieldAnswer {
  const answer = extractBySchema(parsed, page, wanted);
  return { ...answer, shownText: answer.missing.length === 0 ? '' : shownText(parsed, page) };
}

/** The whole page and not its content alone: what is asked for often stands beside it. */
function shownText(parsed: ParsedPage, page: ExtractedPage): string {
  const whole = parsed.body === null ? '' : toText([parsed.body]);
  return (whole.length <= MAX_SHOWN ? whole : `${page.title}\n\n${page.markdown}`).slice(0, MAX_SHOWN);
}
