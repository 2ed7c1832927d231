import type { JobUsage } from '@gleaner/domain';
import type { FieldsServed } from './crawl-page.js';

/** How the fields of a batch were served: in words, and what models took. */
export interface FieldsStory {
  readonly message: string;
  readonly usage: JobUsage;
}

/** Null where no page was asked for anything. */
export function fieldsStory(pages: readonly FieldsServed[]): FieldsStory | null {
  if (pages.length === 0) return null;
  const sum = (of: (page: FieldsServed) => number): number => pages.reduce((total, page) => total + of(page), 0);
  const usage = {
    modelCalls: sum(({ modelCalls }) => modelCalls),
    modelCallsAvoided: sum(({ modelCallsAvoided }) => modelCallsAvoided),
    tokens: sum(({ tokens }) => tokens),
    costUsd: sum(({ costUsd }) => costUsd),
  };
  const valid = sum(({ valid: isValid }) => (isValid ? 1 : 0));
  const unanswered = pages.flatMap(({ problem }) => problem?.code ?? []);
  const problem = unanswered.length === 0 ? '' : `; no model answered for ${unanswered.length}: ${[...new Set(unanswered)].join(', ')}`;
  const message = `${valid} of ${pages.length} pages have every required field, with ${usage.modelCalls} model calls${problem}`;
  return { message, usage };
}
