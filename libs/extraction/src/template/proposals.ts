import type { SelectorRule } from '@gleaner/domain';
import { compile } from 'css-select';
import { isStableName } from './selectors.js';

/** A rule that a model (or a person) proposes for a field: `content`, `exclude`, `title`, … or a field of the caller's. */
export interface Proposal {
  readonly field: string;
  readonly rule: SelectorRule;
}

export interface ReadProposals {
  readonly proposals: readonly Proposal[];
  /** What was not taken: position in the list and why. */
  readonly refused: readonly { readonly position: number; readonly reason: string }[];
}

const MAX_PROPOSALS = 60;
const MAX_SELECTOR = 300;
const POSITION = /:(?:nth-|first-|last-|only-)/i;
const NAME = /[.#]([A-Za-z_][\w-]*)|\[\s*(?:class|id)\s*[~|^$*]?=\s*["']?([^"'\]]+)/g;

function isCss(selector: string): boolean {
  try {
    compile(selector);
    return true;
  } catch {
    return false; // a model's answer may be anything
  }
}

/** Why a selector will not live long, or null. */
function refusalOf(selector: string): string | null {
  if (selector.length > MAX_SELECTOR) return `longer than ${MAX_SELECTOR} characters`;
  if (!isCss(selector)) return 'not a CSS selector';
  if (POSITION.test(selector)) return 'rests on a position';
  const unstable = namesIn(selector).find((name) => !isStableName(name));
  return unstable === undefined ? null : `"${unstable}" looks like a generated name`;
}

const namesIn = (selector: string): string[] =>
  [...selector.replace(/\[(?!\s*(?:class|id)\b)[^\]]*\]/g, '').matchAll(NAME)].flatMap(([, name, value]) =>
    (name ?? value ?? '').split(/\s+/),
  );

function evidenceOf(selector: string): SelectorRule['evidence'] {
  if (namesIn(selector).length > 0) return 'name';
  return selector.includes('[') ? 'structured-data' : 'structure';
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a model's answer, a list of `{field, selector, attribute?}`, at most 60. What is malformed, no CSS, rests on positions or on
 * generated names is refused with a reason that can be sent back. Nothing proposed is believed: learning tries it like its own
 * candidates. `asked`: names of fields that jobs ask for, which may be any.
 */
export function readProposals(answer: unknown, asked: ReadonlySet<string> = new Set()): ReadProposals {
  const proposals: Proposal[] = [];
  const refused: { position: number; reason: string }[] = [];
  if (!Array.isArray(answer)) return { proposals, refused: [{ position: 0, reason: 'not a list' }] };
  answer.slice(0, MAX_PROPOSALS).forEach((item: unknown, position) => {
    if (!isRecord(item) || typeof item['field'] !== 'string' || typeof item['selector'] !== 'string') {
      refused.push({ position, reason: 'needs the texts field and selector' });
      return;
    }
    const { field, selector, attribute } = item;
    const refusal = refusalOf(selector);
    if (!/^\w{1,60}$/.test(field) && !asked.has(field)) refused.push({ position, reason: 'field must be letters, digits and underscores' });
    else if (attribute !== undefined && (typeof attribute !== 'string' || !/^[\w:-]{1,60}$/.test(attribute)))
      refused.push({ position, reason: 'attribute must be the name of one' });
    else if (refusal !== null) refused.push({ position, reason: refusal });
    else {
      const rule: SelectorRule = { selector, evidence: evidenceOf(selector) };
      proposals.push({ field, rule: attribute === undefined ? rule : { ...rule, attribute } });
    }
  });
  return { proposals, refused };
}
