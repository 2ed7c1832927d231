import type { ExtractedPage, SelectorRule, TemplateConfig, TemplateVersion } from '@gleaner/domain';
import { extractGeneral, findFieldsOf, writePage } from '../content/general.js';
import type { MainContent } from '../content/main-content.js';
import type { Observation } from '../health/observation.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { applyContentRule } from './content-rule.js';
import { readFields, withAnswers } from './field-answers.js';
import { guardContent } from './guard.js';

interface Answer {
  readonly content: MainContent;
  readonly rule: SelectorRule;
  readonly position: number;
  readonly agreement: number | null;
}

/** The first content rule whose answer passes the guard; else why none did. */
export function findContent(page: ParsedPage, config: TemplateConfig, titles: readonly string[]): Answer | { readonly miss: string } {
  const misses: string[] = [];
  for (const [position, rule] of config.content.entries()) {
    const content = applyContentRule(page, rule, config, titles);
    const { miss, agreement } = content === null ? { miss: 'nothing found', agreement: null } : guardContent(page, content, config);
    if (content !== null && miss === null) return { content, rule, position, agreement };
    misses.push(`${rule.selector}: ${miss}`);
  }
  return { miss: misses.length === 0 ? 'the template has no content rule' : misses.join('; ').slice(0, 500) };
}

/**
 * A page by the rules of its template. Content rules are tried in order and each answer is checked against the fingerprint of
 * the template and, in doubt, the general extractor; fields without a plausible answer come from the general extractor one by
 * one. `miss` says why no rule answered.
 */
export function extractByTemplate(
  page: ParsedPage,
  version: TemplateVersion,
  asked: AskedOption = NOTHING_ASKED,
): { readonly page: ExtractedPage; readonly observation: Observation } | { readonly miss: string; readonly observation: Observation } {
  const { config } = version;
  const general = findFieldsOf(page, config.type);
  const { answers, filled } = readFields(page, version, general, asked);
  const fields = withAnswers(general, answers, config);
  const answer = findContent(page, config, [fields.title.value, ...general.wordings]);
  if ('miss' in answer) {
    const observation = {
      ruleAnswered: false,
      alternativeUsed: false,
      fellBack: true,
      fieldsFilled: filled,
      contentChars: 0,
      agreement: null,
    };
    return { miss: answer.miss, observation };
  }
  const { content, rule, position, agreement } = answer;
  const confidence = Math.round(Math.max(0.3, version.scores.mean - position * 0.05) * 100) / 100;
  const contentEvidence = {
    source: 'dom' as const,
    selector: rule.selector,
    verbatim: true,
    method: 'template' as const,
    version: version.version,
  };
  const facts = { ...general, ...fields, type: config.type, content, confidence };
  return {
    page: writePage(page, facts, { method: 'template', version: version.version, confidence, contentEvidence }),
    observation: {
      ruleAnswered: position === 0,
      alternativeUsed: position > 0,
      fellBack: false,
      fieldsFilled: filled,
      contentChars: content.chars,
      agreement,
    },
  };
}

export interface ExtractionAnswer {
  readonly page: ExtractedPage;
  /** Why the template did not answer; null when it did or when there was none. */
  readonly miss: string | null;
  /** How the template served this page, for `judgeHealth`; null when there was none. */
  readonly observation: Observation | null;
}

export interface AskedOption {
  /** Read the fields that jobs asked for too. */
  readonly withAsked: boolean;
}
const NOTHING_ASKED: AskedOption = { withAsked: false };

/** A page by its template if it has one that answers, else by the general extractor; `page.method` says which. */
export function extractPage(page: ParsedPage, version: TemplateVersion | null, asked: AskedOption = NOTHING_ASKED): ExtractionAnswer {
  if (version === null) return { page: extractGeneral(page), miss: null, observation: null };
  const answer = extractByTemplate(page, version, asked);
  return 'page' in answer
    ? { page: answer.page, miss: null, observation: answer.observation }
    : { page: extractGeneral(page), miss: answer.miss, observation: answer.observation };
}
