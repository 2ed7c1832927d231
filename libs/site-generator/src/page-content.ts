import type { Language } from './lexicon.js';
import { headline, paragraph, personName, sentence, withFewOtherWords } from './prose.js';
import { templateOf } from './site-history.js';
import type { SiteModel } from './site-model.js';
import type { Template } from './site-options.js';

/** The words of one content page, before any markup. */
export interface PageContent {
  readonly page: number;
  readonly template: Template;
  readonly language: Language;
  readonly path: string;
  readonly title: string;
  /** A sentence that stands in the head only. */
  readonly description: string;
  readonly author: string;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  readonly paragraphs: readonly string[];
  /** Comments of readers: not part of the page's own text. */
  readonly comments: readonly { readonly author: string; readonly text: string }[];
  /** Pages that the text and the side column link to, removed or not. */
  readonly related: readonly number[];
}

const SALT = { facts: 101, paragraph: 102, comments: 103, related: 104, near: 105 } as const;
const TEXT_SHARE = 0.3;
const MAX_TEXT_CHARACTERS = 9_000;
const PARAGRAPH_CHARACTERS = 380;
const PUBLISHED_FROM_MS = Date.UTC(2023, 0, 1);
const PUBLISHED_SPAN_MINUTES = 700 * 24 * 60;
const RELATED = 6;

/** The content of a page as it is now. `near` gives the text of its near duplicate. */
export function contentOf(model: SiteModel, page: number, near = false): PageContent {
  const language = model.languageOf(page);
  const facts = model.random(SALT.facts, page);
  const comments = model.random(SALT.comments, page);
  return {
    page,
    template: templateOf(page),
    language,
    path: model.pathOf(page),
    title: model.titleOf(page),
    author: personName(facts),
    publishedAt: new Date(PUBLISHED_FROM_MS + facts.below(PUBLISHED_SPAN_MINUTES) * 60_000).toISOString(),
    description: sentence(language, facts),
    paragraphs: paragraphsOf(model, page, near),
    comments: Array.from({ length: 3 }, () => ({
      author: personName(comments),
      text: `${sentence(language, comments)} ${sentence(language, comments)}`,
    })),
    related: relatedTo(model, page),
  };
}

/** A page that was changed has another text in one of its paragraphs for every change. */
function paragraphsOf(model: SiteModel, page: number, near: boolean): string[] {
  const { bytesPerPage } = model.settings;
  const language = model.languageOf(page);
  const size = 0.7 + (0.6 * model.random(SALT.paragraph, page).below(1_000)) / 1_000;
  const characters = Math.min(MAX_TEXT_CHARACTERS, bytesPerPage * TEXT_SHARE) * size;
  const count = Math.max(3, Math.round(characters / PARAGRAPH_CHARACTERS));
  const edition = model.history.editionOf(page);
  return Array.from({ length: count }, (_, index) => {
    const text = paragraph(language, model.random(SALT.paragraph, page, index, index === 1 ? edition : 0));
    return near ? withFewOtherWords(text, language, model.random(SALT.near, page, index)) : text;
  });
}

/** Only pages that were there from the start, so that a new page changes no old one. */
function relatedTo(model: SiteModel, page: number): number[] {
  const random = model.random(SALT.related, page);
  return Array.from({ length: RELATED }, () => random.below(model.settings.pages)).filter((other) => other !== page);
}

/** A heading for the part of a page that begins with a paragraph. */
export function headingAt(model: SiteModel, page: number, part: number): string {
  return headline(model.languageOf(page), model.random(SALT.facts, page, part + 1));
}
