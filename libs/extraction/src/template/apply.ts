import type { ExtractedPage, SelectorRule, TemplateConfig, TemplateVersion } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { extractGeneral, findFieldsOf, writePage } from '../content/general.js';
import { type MainContent, findMainContent } from '../content/main-content.js';
import { contentWithin } from '../content/within.js';
import { type Found, found } from '../fields/found.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { readRule } from './field-rules.js';
import { select, selectOutermost } from './selection.js';

const MIN_CHARS = 200;
const MIN_SHARE_OF_GENERAL = 0.4;
const MAX_SHARE_OF_GENERAL = 2.5;
const MAX_ROOTS = 50;

/** Content of a page by one rule of a template; null when the rule finds nothing. */
export function applyContentRule(
  page: ParsedPage,
  rule: SelectorRule,
  config: Pick<TemplateConfig, 'exclude' | 'type'>,
  titles: readonly string[],
): MainContent | null {
  const roots = selectOutermost(page, rule.selector).slice(0, MAX_ROOTS);
  if (roots.length === 0) return null;
  const exclude = new Set<Element>(config.exclude.flatMap((selector) => select(page, selector)));
  return contentWithin({ page, roots, titles, type: config.type, exclude });
}

/** Why content is not what the template's pages have, or null when it is. The general extractor is asked only in doubt. */
function guard(page: ParsedPage, content: MainContent, config: TemplateConfig): string | null {
  const { minChars, maxChars } = config.fingerprint;
  const least = Math.min(MIN_CHARS, Math.floor(minChars * 0.6));
  if (content.chars < Math.max(1, least)) return `only ${content.chars} characters`;
  if (content.chars >= minChars * 0.7 && content.chars <= maxChars * 1.5) return null;
  const general = findMainContent(page).chars;
  if (general === 0) return null;
  const share = content.chars / general;
  if (share < MIN_SHARE_OF_GENERAL) return `${Math.round(share * 100)} % of what the general extractor finds`;
  return share > MAX_SHARE_OF_GENERAL && content.chars > maxChars * 2 ? `${share.toFixed(1)} times what the general extractor finds` : null;
}

interface Answer {
  readonly content: MainContent;
  readonly rule: SelectorRule;
  readonly position: number;
}

function findContent(page: ParsedPage, config: TemplateConfig, titles: readonly string[]): Answer | { readonly miss: string } {
  const misses: string[] = [];
  for (const [position, rule] of config.content.entries()) {
    const content = applyContentRule(page, rule, config, titles);
    const miss = content === null ? 'nothing found' : guard(page, content, config);
    if (content !== null && miss === null) return { content, rule, position };
    misses.push(`${rule.selector}: ${miss}`);
  }
  return { miss: misses.length === 0 ? 'the template has no content rule' : misses.join('; ').slice(0, 500) };
}

/** The first rule of a field that answers. */
function readField(page: ParsedPage, config: TemplateConfig, field: string): Found | null {
  for (const rule of config.fields[field] ?? []) {
    const value = readRule(page, field, rule);
    if (value !== null && value !== '')
      return found(value, rule.evidence === 'structured-data' ? 'microdata' : 'dom', rule.selector, rule.attribute === undefined);
  }
  return null;
}

/**
 * A page by the rules of its template. Content rules are tried in order and each answer is checked against the fingerprint of
 * the template and, in doubt, the general extractor; fields without an answer come from the general extractor one by one.
 * `miss` says why no rule answered.
 */
export function extractByTemplate(
  page: ParsedPage,
  version: TemplateVersion,
): { readonly page: ExtractedPage } | { readonly miss: string } {
  const { config } = version;
  const general = findFieldsOf(page, config.type);
  const title = readField(page, config, 'title') ?? general.title;
  const answer = findContent(page, config, [title.value, ...general.wordings]);
  if ('miss' in answer) return answer;
  const author = readField(page, config, 'author');
  const price = readField(page, config, 'price');
  const facts = {
    ...general,
    type: config.type,
    content: answer.content,
    title,
    author: author === null ? general.author : { value: author.value.split('; '), evidence: author.evidence },
    publishedAt: readField(page, config, 'publishedAt') ?? general.publishedAt,
    fields: price === null ? general.fields : { ...general.fields, price },
    confidence: 0,
  };
  const confidence = Math.round(Math.max(0.3, version.scores.mean - answer.position * 0.05) * 100) / 100;
  const contentEvidence = { source: 'dom' as const, selector: answer.rule.selector, verbatim: true };
  return { page: writePage(page, facts, { method: 'template', version: version.version, confidence, contentEvidence }) };
}

export interface ExtractionAnswer {
  readonly page: ExtractedPage;
  /** Why the template did not answer; null when it did or when there was none. */
  readonly miss: string | null;
}

/** A page by its template if it has one that answers, else by the general extractor; `page.method` says which. */
export function extractPage(page: ParsedPage, version: TemplateVersion | null): ExtractionAnswer {
  if (version === null) return { page: extractGeneral(page), miss: null };
  const answer = extractByTemplate(page, version);
  return 'page' in answer ? { page: answer.page, miss: null } : { page: extractGeneral(page), miss: answer.miss };
}
