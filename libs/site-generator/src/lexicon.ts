import { ENGLISH } from './lexicon-en.js';
import { FRENCH } from './lexicon-fr.js';
import { GERMAN } from './lexicon-de.js';
import { wordList } from './word-list.js';

export type Language = 'en' | 'de' | 'fr';

/**
 * Words of one language that fit into each other's places without inflection: nouns and verbs in the plural, adjectives in
 * the form that stands beside them. No word has a character that HTML would have to escape.
 */
export interface Lexicon {
  readonly nouns: readonly string[];
  readonly adjectives: readonly string[];
  /** Transitive, third person plural, past. */
  readonly verbs: readonly string[];
  /** With their preposition: `in the harbour`. */
  readonly places: readonly string[];
  /** With their preposition: `before the winter`. */
  readonly times: readonly string[];
  /** Sentences with places for words: N noun, A adjective, V verb, P place, T time, # a number, each in braces. */
  readonly patterns: readonly string[];
  readonly titles: readonly string[];
  readonly words: InterfaceWords;
}

/** What the pages say around their text. */
export interface InterfaceWords {
  readonly home: string;
  readonly sections: Readonly<Record<'article' | 'documentation' | 'product' | 'thread', string>>;
  readonly related: string;
  readonly cookies: string;
  readonly accept: string;
  readonly comments: string;
  readonly newsletter: string;
  readonly footer: string;
  readonly by: string;
  readonly details: string;
}

const LEXICONS: Readonly<Record<Language, Lexicon>> = { en: ENGLISH, de: GERMAN, fr: FRENCH };

export function lexiconOf(language: Language): Lexicon {
  return LEXICONS[language];
}

export const GIVEN_NAMES: readonly string[] = wordList(`Ada Benno Carla Dario Edith Femke Goran Hanna Ines Jonas Katja Lorenzo Mira
  Nils Olga Pablo Quirin Rosa Samuel Tilda Ulrich Vera Walter Xenia Yusuf Zora Amalia Boris Celia David Elif Frida Gustav Helena`);

export const FAMILY_NAMES: readonly string[] = wordList(`Abend Bergstrom Castell Dufour Ekberg Falk Garnier Holm Ivanova Jansen
  Kessler Lindqvist Moreau Novak Okafor Petit Quist Rinaldi Sandoval Tamm Ullmann Verhoeven Weiss Yilmaz Zeller Arnold Brandt
  Cordes Delgado Egger Ferrand Grimm Hartog Iversen Jorgensen Kowalski Lambert Mertens`);
