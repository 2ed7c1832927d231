import { FAMILY_NAMES, GIVEN_NAMES, type Language, type Lexicon, lexiconOf } from './lexicon.js';
import type { Random } from './random.js';

interface Pattern {
  /** Literal text before each slot, and the rest after the last. */
  readonly literals: readonly string[];
  readonly slots: readonly string[];
}

interface Grammar {
  readonly sentences: readonly Pattern[];
  readonly titles: readonly Pattern[];
}

const grammars = new Map<Language, Grammar>();

function compile(text: string): Pattern {
  const parts = text.split(/\{(.)\}/);
  return { literals: parts.filter((_, index) => index % 2 === 0), slots: parts.filter((_, index) => index % 2 === 1) };
}

function grammarOf(language: Language): Grammar {
  let grammar = grammars.get(language);
  if (grammar === undefined) {
    const { patterns, titles } = lexiconOf(language);
    grammar = { sentences: patterns.map(compile), titles: titles.map(compile) };
    grammars.set(language, grammar);
  }
  return grammar;
}

function word(slot: string, lexicon: Lexicon, random: Random): string {
  switch (slot) {
    case 'N':
      return random.pick(lexicon.nouns);
    case 'A':
      return random.pick(lexicon.adjectives);
    case 'V':
      return random.pick(lexicon.verbs);
    case 'P':
      return random.pick(lexicon.places);
    case 'T':
      return random.pick(lexicon.times);
    default:
      return String(3 + random.below(9_000));
  }
}

function fill(pattern: Pattern, lexicon: Lexicon, random: Random): string {
  let text = pattern.literals[0] ?? '';
  for (let index = 0; index < pattern.slots.length; index += 1)
    text += word(pattern.slots[index] ?? '#', lexicon, random) + (pattern.literals[index + 1] ?? '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One sentence with its full stop, about 90 characters, none that HTML escapes. */
export function sentence(language: Language, random: Random): string {
  return fill(random.pick(grammarOf(language).sentences), lexiconOf(language), random);
}

/** 3 to 6 sentences. */
export function paragraph(language: Language, random: Random): string {
  let text = sentence(language, random);
  for (let left = 2 + random.below(4); left > 0; left -= 1) text += ` ${sentence(language, random)}`;
  return text;
}

/** A headline without a full stop. */
export function headline(language: Language, random: Random): string {
  return fill(random.pick(grammarOf(language).titles), lexiconOf(language), random);
}

/** `Ada Lindqvist`. */
export function personName(random: Random): string {
  return `${random.pick(GIVEN_NAMES)} ${random.pick(FAMILY_NAMES)}`;
}

/** The text with about one word in fifty replaced by another noun, one at least. */
export function withFewOtherWords(text: string, language: Language, random: Random): string {
  const words = text.split(' ');
  const { nouns } = lexiconOf(language);
  for (let left = Math.max(1, Math.round(words.length / 50)); left > 0; left -= 1) {
    const place = 1 + random.below(Math.max(1, words.length - 2));
    words[place] = random.pick(nouns) + (/[.,;]$/.exec(words[place] ?? '')?.[0] ?? '');
  }
  return words.join(' ');
}

/** ASCII words joined by hyphens, for a path. */
export function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[^a-z0-9 ]/g, '')
    .replaceAll(' ', '-');
}
