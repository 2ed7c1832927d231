import type { Evidence, ExtractedPage, FieldValue, PageImage, PageType } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { findAuthors } from '../fields/author.js';
import { findBreadcrumbs } from '../fields/breadcrumbs.js';
import type { Found } from '../fields/found.js';
import { findCanonical, findDescription, findLanguage, findSiteName } from '../fields/page-facts.js';
import { findProductFields, visiblePrice } from '../fields/product.js';
import { findModified, findPublished } from '../fields/published.js';
import { findHeadline, findTitle } from '../fields/title.js';
import { PageWords } from '../fields/verbatim.js';
import { imageAlt, imageUrl } from '../markdown/images.js';
import { toText } from '../markdown/plain-text.js';
import { toMarkdown } from '../markdown/serializer.js';
import { walkElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { findBroadContent } from './broad-content.js';
import { type MainContent, findMainContent, titleWordings } from './main-content.js';
import { detectType } from './page-type.js';
import { type PageSurvey, isListLike, isWithin, postsOf, surveyPage } from './survey.js';

const MAX_IMAGES = 500;

/** What the general extractor knows of a page before anything is written out. */
export interface PageFacts {
  readonly type: PageType;
  readonly content: MainContent;
  readonly headline: Element | null;
  readonly title: Found;
  readonly author: Found<readonly string[]> | null;
  readonly publishedAt: Found | null;
  readonly modifiedAt: Found | null;
  readonly language: Found | null;
  readonly siteName: Found | null;
  readonly description: Found | null;
  readonly canonicalUrl: Found | null;
  readonly fields: Readonly<Record<string, Found<FieldValue>>>;
  readonly confidence: number;
}

/** Types whose content is one running text; all others are taken broadly. */
const ONE_TEXT: ReadonlySet<PageType> = new Set(['article', 'documentation']);

function chooseContent(type: PageType, article: MainContent, broadly: () => MainContent): MainContent {
  if (type === 'article' && article.chars > 0) return article;
  const broad = broadly();
  if (type === 'article') return broad;
  if (ONE_TEXT.has(type)) return article.chars >= broad.chars * 0.5 ? article : broad;
  if (type === 'other') return article.chars >= broad.chars * 0.6 && article.sentences >= 3 ? article : broad;
  return broad.chars >= article.chars * 0.6 ? broad : article;
}

function confidenceOf(content: MainContent, type: PageType): number {
  const length = Math.min(1, content.chars / 1_500);
  const prose = Math.min(1, content.sentences / 10);
  return Math.round((0.3 + 0.3 * length + 0.2 * prose + (type === 'other' ? 0 : 0.15)) * 100) / 100;
}

function collectFields(page: ParsedPage, headline: Element | null, type: PageType): Record<string, Found<FieldValue>> {
  const fields: Record<string, Found<FieldValue>> = type === 'product' || page.jsonLd.length > 0 || page.index.properties.length > 0
    ? { ...findProductFields(page, headline, type === 'product') }
    : {};
  const crumbs = findBreadcrumbs(page);
  if (crumbs !== null) fields['breadcrumbs'] = crumbs;
  return fields;
}

export type PageFields = Omit<PageFacts, 'type' | 'content' | 'confidence'> & { readonly wordings: readonly string[] };

/** Everything but the content: what structured data, meta tags and the lines round the headline say. */
function findFields(page: ParsedPage, type: PageType | null): PageFields {
  const siteName = findSiteName(page);
  const headline = findHeadline(page, siteName?.value ?? null);
  const title = findTitle(page, headline, siteName?.value ?? null);
  return {
    headline,
    title,
    siteName,
    wordings: [title.value, ...titleWordings(page)],
    author: findAuthors(page, headline),
    publishedAt: findPublished(page, headline),
    modifiedAt: findModified(page),
    language: findLanguage(page),
    description: findDescription(page),
    canonicalUrl: findCanonical(page),
    fields: type === null ? {} : collectFields(page, headline, type),
  };
}

/** Fields of a page whose type is known: as `findFields`, without what belongs to the items of a list. */
export function findFieldsOf(page: ParsedPage, type: PageType): PageFields {
  const fields = findFields(page, type);
  if (isList(type)) return { ...fields, ...withoutItemFacts(fields) };
  return type === 'forum' ? { ...fields, fields: { ...fields.fields, ...postsField(surveyPage(page)) } } : fields;
}

/** How many posts a thread has. */
function postsField(survey: PageSurvey): Record<string, Found<FieldValue>> {
  const posts = postsOf(survey);
  if (posts === null) return {};
  return { posts: { value: posts.count, evidence: { source: 'dom', selector: posts.records[0]?.name ?? '', verbatim: false } } };
}

/** Finds content, type and fields of a page by general knowledge alone. */
export function findFacts(page: ParsedPage): PageFacts {
  const fields = findFields(page, null);
  const article = findMainContent(page, fields.wordings);
  const survey = surveyPage(page);
  const price = visiblePrice(page, fields.headline);
  const type = detectType({
    page,
    article,
    survey,
    hasDate: fields.publishedAt !== null && fields.publishedAt.evidence.source !== 'url',
    hasAuthor: fields.author !== null,
    hasPrice: price !== null && !isWithin(price.element, survey.cardElements),
  });
  const broadly = (): MainContent => findBroadContent(page.body, survey, type, fields.wordings);
  const content = isListLike(survey) && type !== 'article' && type !== 'product' ? broadly() : chooseContent(type, article, broadly);
  return {
    ...fields,
    ...(isList(type) ? withoutItemFacts(fields) : {}),
    type,
    content,
    fields: { ...collectFields(page, fields.headline, type), ...(type === 'forum' ? postsField(survey) : {}) },
    confidence: confidenceOf(content, type),
  };
}

const isList = (type: PageType): boolean => type === 'listing' || type === 'collection';

/** Dates and names that stand in the items of a list are theirs, not the page's. */
function withoutItemFacts({ publishedAt, author }: PageFields): Pick<PageFacts, 'publishedAt' | 'author'> {
  const declared = (evidence: Evidence): boolean => evidence.source === 'jsonld' || evidence.source === 'meta';
  return {
    publishedAt: publishedAt !== null && declared(publishedAt.evidence) ? publishedAt : null,
    author: author !== null && declared(author.evidence) ? author : null,
  };
}

function imagesOf(content: Pick<MainContent, 'roots' | 'excluded'>, base: string): PageImage[] {
  const images = new Map<string, string>();
  const visit = (element: Element): boolean => {
    if (content.excluded.has(element) || images.size >= MAX_IMAGES) return false;
    if (element.name === 'img') {
      const url = imageUrl(element, base);
      if (url !== null && !images.has(url)) images.set(url, imageAlt(element));
    }
    return true;
  };
  for (const root of content.roots) if (visit(root)) walkElements(root, visit);
  return [...images].map(([url, alt]) => ({ url, alt }));
}

const NAMED = ['title', 'author', 'publishedAt', 'modifiedAt', 'language', 'siteName', 'description', 'canonicalUrl'] as const;

/** Markdown and text. The headline is the title and not repeated, unless it is all that the page says. */
function bodyOf(page: ParsedPage, { content, headline }: PageFacts): Pick<ExtractedPage, 'markdown' | 'text'> {
  const markdown = toMarkdown(content.roots, page.baseUrl, content.excluded);
  if (markdown !== '' || headline === null) return { markdown, text: toText(content.roots, content.excluded) };
  return { markdown: toMarkdown([headline], page.baseUrl), text: toText([headline]) };
}

export interface WrittenBy {
  readonly method: ExtractedPage['method'];
  readonly version: number | null;
  readonly confidence: number;
  readonly contentEvidence: Evidence;
}

/** Content is literal when nearly all of its text is on the page as it stands here: formulas and footnote marks are written anew. */
const VERBATIM_SHARE = 0.98;

/** Writes facts out as a document: Markdown, text, images and the evidence of every value, each checked against the page. */
export function writePage(page: ParsedPage, facts: PageFacts, by: WrittenBy): ExtractedPage {
  const words = new PageWords(page);
  const body = bodyOf(page, facts);
  const share = Math.round(words.shareOf(body.text) * 1_000) / 1_000;
  const evidence: Record<string, Evidence> = { content: { ...by.contentEvidence, verbatim: share >= VERBATIM_SHARE, share } };
  const put = (name: string, value: Found<FieldValue>): void => {
    evidence[name] = { ...value.evidence, verbatim: words.says(value.value), method: value.evidence.method ?? 'general' };
  };
  for (const name of NAMED) {
    const value = facts[name];
    if (value !== null) put(name, value);
  }
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(facts.fields)) {
    fields[name] = value.value;
    put(name, value);
  }
  return {
    type: facts.type,
    title: facts.title.value,
    author: facts.author?.value ?? [],
    publishedAt: facts.publishedAt?.value ?? null,
    modifiedAt: facts.modifiedAt?.value ?? null,
    language: facts.language?.value ?? null,
    siteName: facts.siteName?.value ?? null,
    description: facts.description?.value ?? null,
    canonicalUrl: facts.canonicalUrl?.value ?? null,
    ...body,
    links: page.links,
    images: imagesOf(facts.content, page.baseUrl),
    fields,
    evidence,
    method: by.method,
    version: by.version,
    confidence: by.confidence,
  };
}

/** The document of a page by the general extractor: no model, no knowledge of the site. */
export function extractGeneral(page: ParsedPage): ExtractedPage {
  const facts = findFacts(page);
  const selector = facts.content.roots
    .map((root) => root.name)
    .slice(0, 5)
    .join(', ');
  return writePage(page, facts, {
    method: 'general',
    version: null,
    confidence: facts.confidence,
    contentEvidence: { source: 'dom', selector, verbatim: true, method: 'general' },
  });
}
