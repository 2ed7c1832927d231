import type { PageType } from '@gleaner/domain';
import { hasAncestor, isElement } from '../parse/elements.js';
import { typesOf } from '../parse/json-ld.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import type { MainContent } from './main-content.js';

/** What the page says of itself, strongest first. */
const BY_SCHEMA: readonly (readonly [RegExp, PageType])[] = [
  [/^(?:DiscussionForumPosting|QAPage|Question)$/, 'forum'],
  [/^(?:TechArticle|APIReference)$/, 'documentation'],
  [
    /^(?:NewsArticle|Article|BlogPosting|ReportageNewsArticle|AnalysisNewsArticle|OpinionNewsArticle|Report|ScholarlyArticle|Recipe|LiveBlogPosting)$/,
    'article',
  ],
  [/^(?:Product|ProductGroup|IndividualProduct|Vehicle|Book)$/, 'product'],
  [/^(?:SearchResultsPage|OfferCatalog)$/, 'listing'],
  [/^(?:CollectionPage|ItemList|Blog)$/, 'collection'],
  [/^(?:Service|LocalBusiness|ProfessionalService|Restaurant|Hotel|Dentist|LegalService)$/, 'service'],
];

const BY_PATH: readonly (readonly [RegExp, PageType])[] = [
  [/\/(?:forums?|threads?|topics?|discussions?|questions|viewtopic\.php|showthread\.php|community)(?:\/|$|\?|-)/i, 'forum'],
  [/\/(?:docs?|documentation|reference|manual|api|guides?|handbook|man)(?:\/|$)/i, 'documentation'],
  [/\/(?:products?|shop|item|dp|p|gp\/product)\/[^/]+/i, 'product'],
  [/\/(?:search|categor(?:y|ies)|browse|listings?)(?:\/|$|\?)/i, 'listing'],
  [/\/(?:collections?|tags?|archives?|authors?|topics?)(?:\/|$)/i, 'collection'],
  [/\/(?:services?|solutions|pricing)(?:\/|$)/i, 'service'],
];

const DOC_GENERATORS =
  /docusaurus|sphinx|mkdocs|vitepress|vuepress|gitbook|antora|jekyll just-the-docs|mdbook|javadoc|doxygen|starlight|readme\.io/i;

function schemaType(page: ParsedPage): PageType | null {
  const types = [...page.jsonLd.flatMap(typesOf), ...page.index.itemTypes];
  const claimed = BY_SCHEMA.filter(([pattern]) => types.some((type) => pattern.test(type))).map(([, type]) => type);
  // Product lists carry many products: one alone is the page's own.
  const products = types.filter((type) => type === 'Product').length;
  if (claimed.includes('product') && products > 3) return claimed.find((type) => type !== 'product') ?? 'listing';
  return claimed[0] ?? null;
}

function pathType(page: ParsedPage): PageType | null {
  const url = new URL(page.url);
  if (/^(?:docs?|developers?|api|help|manual)\./.test(url.hostname)) return 'documentation';
  if (/^(?:forums?|community|discuss)\./.test(url.hostname)) return 'forum';
  return BY_PATH.find(([pattern]) => pattern.test(url.pathname))?.[1] ?? null;
}

export interface TypeSignals {
  readonly page: ParsedPage;
  readonly article: MainContent;
  readonly hasDate: boolean;
  readonly hasAuthor: boolean;
  readonly hasPrice: boolean;
  /** Share of the text in links over the whole body without furniture. */
  readonly linkShare: number;
  /** Characters of the whole body without furniture. */
  readonly bodyChars: number;
}

/** What kind of page it is: its structured data, then its address, then its shape. */
export function detectType(signals: TypeSignals): PageType {
  const { page, article } = signals;
  const declared = schemaType(page);
  if (declared !== null) return declared;
  const ogType = (page.meta.get('og:type')?.[0] ?? '').toLowerCase();
  if (/^(?:og:)?product/.test(ogType)) return 'product';
  const byPath = pathType(page);
  if (byPath === 'forum' || byPath === 'documentation') return byPath;
  if (ogType === 'article' && article.sentences >= 3) return 'article';
  if ((page.meta.get('generator') ?? []).some((generator) => DOC_GENERATORS.test(generator)) || page.index.counts.code >= 3)
    return 'documentation';
  if (byPath === 'product' && signals.hasPrice) return 'product';
  return byShape(signals, byPath);
}

const MIN_ITEMS = 5;

/** Headings that lead to other pages: each is an item of a list. */
function linkedHeadings(page: ParsedPage): number {
  return page.index.headings.filter((heading) => {
    if (
      heading.name === 'h1' ||
      hasAncestor(heading, (ancestor) => ancestor.name === 'aside' || ancestor.name === 'nav' || ancestor.name === 'footer')
    )
      return false;
    if (hasAncestor(heading, (ancestor) => ancestor.name === 'a' && ancestor.attribs['href'] !== undefined)) return true;
    return heading.children.some((child) => isElement(child) && child.name === 'a' && child.attribs['href']?.startsWith('#') === false);
  }).length;
}

function byShape(signals: TypeSignals, byPath: PageType | null): PageType {
  const { article } = signals;
  const prose = article.chars >= 600 && article.sentences >= 6 && article.chars >= signals.bodyChars * 0.35;
  if (prose && (signals.hasDate || signals.hasAuthor)) return 'article';
  if (byPath !== null) return byPath;
  if (prose) return 'article';
  if (linkedHeadings(signals.page) >= MIN_ITEMS) return signals.hasPrice ? 'listing' : 'collection';
  if (signals.linkShare > 0.5) return 'listing';
  return 'other';
}
