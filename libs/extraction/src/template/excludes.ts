import type { Element } from 'domhandler';
import { type KeptTexts, keptTexts } from './agreement.js';
import { walkLines } from './page-texts.js';
import { select } from './selection.js';
import { describeElement } from './selectors.js';
import type { Witness } from './witness.js';

const MAX_EXCLUDES = 20;
const MAX_REPEATED = 30;
const MAX_TRIED = 100;
const MIN_PAGES = 3;
const MAX_REPEATED_SHARE = 0.4;

function holdsKept(matches: ReadonlySet<unknown>, kept: KeptTexts): boolean {
  for (const text of kept.keys())
    for (let parent = text.parent; parent !== null; parent = parent.parent) if (matches.has(parent)) return true;
  return false;
}

/**
 * Names of boxes that stood in the content of every sample and were left out each time, and never hold what was kept; and the
 * selectors of `proposed` that pass the same test.
 */
export function learnExcludes(witnesses: readonly Witness[], proposed: readonly string[] = []): string[] {
  const counts = new Map<string, number>();
  for (const { facts } of witnesses) {
    const names = new Set<string>();
    for (const element of [...facts.content.excluded].slice(0, 300)) {
      for (const rule of describeElement(element))
        if (rule.evidence === 'name' && rule.selector.includes('.') && !rule.selector.includes(' ')) names.add(rule.selector);
    }
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const constant = [...counts].filter(([, count]) => count === witnesses.length).map(([selector]) => selector);
  return [...new Set([...proposed, ...constant])]
    .slice(0, MAX_TRIED)
    .filter((selector) =>
      witnesses.every(({ page, kept, repeated }) => {
        const own = new Map([...kept].filter(([text]) => !repeated.has(text)));
        return !holdsKept(new Set(select(page, selector)), own.size * 2 >= kept.size ? own : kept);
      }),
    )
    .slice(0, MAX_EXCLUDES);
}

/** Lines that stand in the content of every sample, at least three: a text that repeats on all pages is no content of any. */
export function learnRepeated(witnesses: readonly Witness[]): string[] {
  if (witnesses.length < MIN_PAGES) return [];
  const [first, ...others] = witnesses.map(({ facts: { content } }) => {
    const lines = new Set<string>();
    walkLines(content.roots, content.excluded, (_, line) => lines.add(line));
    return lines;
  });
  const repeated = [...(first ?? [])].filter((line) => others.every((lines) => lines.has(line))).slice(0, MAX_REPEATED);
  const chars = repeated.reduce((sum, line) => sum + line.length, 0);
  // Samples that are one page under several addresses repeat everything.
  return witnesses.every(({ facts }) => chars < facts.content.chars * MAX_REPEATED_SHARE) ? repeated : [];
}

/** Blocks inside the boxes that say one of the repeated lines. */
export function repeatedBlocks(roots: readonly Element[], repeated: readonly string[]): ReadonlySet<Element> {
  const blocks = new Set<Element>();
  if (repeated.length === 0) return blocks;
  const wanted = new Set(repeated);
  walkLines(roots, new Set(), (element, line) => {
    if (wanted.has(line)) blocks.add(element);
  });
  return blocks;
}

/** Characters of running text of a page that a content holds, as a share; null when the page has less than 200 of them. */
export function proseShare(prose: ReadonlyMap<unknown, number>, content: Parameters<typeof keptTexts>[0]): number | null {
  let all = 0,
    held = 0;
  const kept = keptTexts(content);
  for (const [text, length] of prose) {
    all += length;
    if (kept.has(text as Parameters<typeof kept.has>[0])) held += length;
  }
  return all < 200 ? null : held / all;
}
