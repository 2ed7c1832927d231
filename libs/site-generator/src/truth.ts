import { boilerplateOf } from './layout.js';
import { contentPage } from './content-page.js';
import { contentOf } from './page-content.js';
import { priceOf } from './product.template.js';
import type { Language } from './lexicon.js';
import type { SiteModel } from './site-model.js';
import type { Template } from './site-options.js';

/** What an extraction of a content page must and must not find, as the page is now. */
export interface PageTruth {
  readonly template: Template;
  /** The page type in Gleaner's words. */
  readonly type: 'article' | 'documentation' | 'product' | 'forum';
  readonly title: string;
  /** Who wrote it: the brand of a product, the first poster of a thread. */
  readonly author: string;
  /** ISO 8601, UTC; null for products, which have no date. */
  readonly publishedAt: string | null;
  readonly language: Language;
  /** `EUR 129.90`'s amount: `129.90`; null unless it is a product. */
  readonly price: string | null;
  /** Each must be in the text, white space aside. */
  readonly paragraphs: readonly string[];
  /** None may be in the text. */
  readonly boilerplate: readonly string[];
  /** Root-relative targets of its links, each once, without fragments. */
  readonly links: readonly string[];
  /** A script builds the main part. */
  readonly scripted: boolean;
}

const TYPES = { article: 'article', documentation: 'documentation', product: 'product', thread: 'forum' } as const;

/** Undefined when the path is not the canonical one of a content page that is there. */
export function truthOf(model: SiteModel, path: string): PageTruth | undefined {
  const page = model.pageAt(path);
  if (page === undefined || model.history.isRemoved(page)) return undefined;
  const content = contentOf(model, page);
  const comments = content.template === 'article' ? content.comments.map(({ text }) => text) : [];
  const links = [...contentPage(model, page).matchAll(/<a [^>]*href="(\/[^"#]*)/g)].map(([, link]) => link ?? '');
  return {
    template: content.template,
    type: TYPES[content.template],
    title: content.title,
    author: content.author,
    publishedAt: content.template === 'product' ? null : content.publishedAt,
    language: content.language,
    price: content.template === 'product' ? priceOf(model, page) : null,
    paragraphs: content.paragraphs,
    boilerplate: [...boilerplateOf(content.language), ...comments],
    links: [...new Set(links)],
    scripted: model.isScripted(page),
  };
}
