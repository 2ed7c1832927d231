import type { FieldWish, SelectorRule } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { wordsOfName } from '../fields/wish.js';
import { SILENT_TAGS, isElement, isText, parentOf, walkElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import { type FieldReader, foldLabel, isSameValue } from './field-readers.js';
import { describeElement } from './selectors.js';

/** `surplus`: characters around the value in the element it was read off; the element that says only the value is the best. */
export type CandidateRule = SelectorRule & { readonly surplus: number };

const MAX_CANDIDATES = 60;
const MAX_TEXT = 400;
const MAX_LABEL = 40;
const READ_ATTRIBUTES = ['datetime', 'content'] as const;
const LABEL_TAGS = new Set(['dt', 'th', 'td', 'b', 'strong', 'span', 'label', 'div', 'p', 'li', 'em', 'h3', 'h4', 'h5', 'h6']);

const previousElement = (element: Element): Element | null => {
  for (let previous = element.prev; previous !== null; previous = previous.prev) if (isElement(previous)) return previous;
  return null;
};

const isLabel = (text: string): boolean => text.length >= 2 && text.length <= MAX_LABEL && /\p{L}{2}/u.test(text) && !/[.!?]$/.test(text);

/** The words before a value: what stays when classes are renamed and boxes are moved. */
function labelRules(element: Element, surplus: number): CandidateRule[] {
  const parent = parentOf(element);
  const before = previousElement(element) ?? (parent === null ? null : previousElement(parent));
  if (before === null || before.children.length > 10 || !LABEL_TAGS.has(before.name)) return [];
  const label = foldLabel(lineOf(before));
  return isLabel(label) ? [{ selector: before.name, label, evidence: 'label', surplus }] : [];
}

function ownLabelRules(element: Element, line: string, value: string, reader: FieldReader): CandidateRule[] {
  const match = /^([^:：]{2,40})[:：]\s*(\S.*)$/.exec(line);
  const [, label = '', rest = ''] = match ?? [];
  if (match === null || !isLabel(label) || !isSameValue(reader.read(rest) ?? '', value)) return [];
  return [{ selector: element.name, label: foldLabel(label), evidence: 'label', surplus: rest.length - value.length }];
}

function rulesFor(element: Element, attribute: string | undefined, surplus: number): CandidateRule[] {
  return describeElement(element).map(({ selector, evidence }) =>
    attribute === undefined ? { selector, evidence, surplus } : { selector, attribute, evidence, surplus },
  );
}

/** Rules for every element of a page that says the value, or the first item of a list. */
export function rulesForValue(page: ParsedPage, value: string, reader: FieldReader): CandidateRule[] {
  if (page.body === null) return [];
  const wanted = reader.many === true ? (value.split('\n')[0] ?? '') : value;
  const rules: CandidateRule[] = [];
  walkElements(page.body, (element) => {
    if (SILENT_TAGS.has(element.name) || rules.length > MAX_CANDIDATES) return false;
    for (const attribute of READ_ATTRIBUTES) {
      const text = element.attribs[attribute];
      if (text !== undefined && isSameValue(reader.read(text.trim()) ?? '', wanted)) rules.push(...rulesFor(element, attribute, 0));
    }
    if (!element.children.some(isText) || element.children.length >= 20) return true;
    const line = lineOf(element);
    if (line === '' || line.length >= MAX_TEXT) return true;
    if (isSameValue(reader.read(line) ?? '', wanted)) {
      const surplus = Math.max(0, line.length - wanted.length);
      rules.push(...rulesFor(element, undefined, surplus), ...(reader.many === true ? [] : labelRules(element, surplus)));
    }
    rules.push(...ownLabelRules(element, line, wanted, reader));
    return true;
  });
  return rules;
}

/** Rules for a field of which only its name and description are known: labels and names that say the same words. */
export function rulesForName(page: ParsedPage, field: string, wish: FieldWish): CandidateRule[] {
  if (page.body === null) return [];
  const name = wordsOfName(field);
  const described = wordsOfName(wish.description ?? '');
  const says = (label: string): boolean => label === name || (label.length >= 4 && label === described);
  const rules: CandidateRule[] = [];
  walkElements(page.body, (element) => {
    if (SILENT_TAGS.has(element.name) || rules.length > MAX_CANDIDATES) return false;
    const named = [element.attribs['itemprop'], element.attribs['id'], ...(element.attribs['class'] ?? '').split(/\s+/)];
    if (named.some((text) => text !== undefined && text !== '' && wordsOfName(text) === name))
      rules.push(
        ...describeElement(element)
          .filter(({ evidence }) => evidence !== 'structure')
          .map((rule) => ({ ...rule, surplus: 0 })),
      );
    if (!LABEL_TAGS.has(element.name) || element.children.length > 10) return true;
    const line = lineOf(element);
    const label = line.length > 300 ? '' : foldLabel(/^([^:：]{2,40})[:：]/.exec(line)?.[1] ?? line);
    if (isLabel(label) && says(wordsOfName(label))) rules.push({ selector: element.name, label, evidence: 'label', surplus: 0 });
    return true;
  });
  return rules;
}
