import type { PageType } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { walkElements } from '../parse/elements.js';
import { typesOf } from '../parse/json-ld.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import type { MainContent } from './main-content.js';
import type { Measures } from './measure.js';
import { isCallToAction, isOffer } from './phrases.js';
import type { RecordGroup } from './records.js';
import { type PageSurvey, isDatedList, isListLike, isPricedList, postsOf } from './survey.js';

/** What the page says of itself, strongest first. */
const BY_SCHEMA: readonly (readonly [RegExp, PageType])[] = [
  [/^(?:DiscussionForumPosting|QAPage|Question)$/, 'forum'],
  [/^(?:TechArticle|APIReference)$/, 'documentation'],
  [
    /^(?:NewsArticle|Article|BlogPosting|ReportageNewsArticle|AnalysisNewsArticle|OpinionNewsArticle|Report|ScholarlyArticle|Recipe|LiveBlogPosting)$/,
    'article',
  ],
  [/^(?:Product|ProductGroup|IndividualProduct|Vehicle|Book)$/, 'product'],
  [/^(?:SearchResultsPage|Blog)$/, 'listing'],
  [/^OfferCatalog$/, 'collection'],
  [/^(?:Service|LocalBusiness|ProfessionalService|Restaurant|Hotel|Dentist|LegalService)$/, 'service'],
];

const BY_PATH: readonly (readonly [RegExp, PageType])[] = [
  [/\/(?:forums?|threads?|topics?|discussions?|questions|viewtopic\.php|showthread\.php|community)(?:\/|$|\?|-)/i, 'forum'],
  [/\/(?:docs?|documentation|reference|manual|api|guides?|handbook|man)(?:\/|$)/i, 'documentation'],
  [/\/(?:products?|shop|item|dp|p|gp\/product)\/[^/]+/i, 'product'],
  [/\/(?:search|categor(?:y|ies)|browse|listings?|tags?|archives?|authors?|topics?)(?:\/|$|\?)/i, 'listing'],
  [/\/collections?(?:\/|$)/i, 'collection'],
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
  readonly survey: PageSurvey;
  readonly hasDate: boolean;
  readonly hasAuthor: boolean;
  /** A price stands after the headline, in no card. */
  readonly hasPrice: boolean;
}

/** What the page itself says it is, as far as its shape does not contradict. */
function declaredType({ page, article }: TypeSignals, listType: PageType | null): PageType | null {
  const declared = schemaType(page);
  if (declared !== null) return listType !== null && declaresItems(page, declared) ? listType : declared;
  const ogType = (page.meta.get('og:type')?.[0] ?? '').toLowerCase();
  if (/^(?:og:)?product/.test(ogType) && listType === null) return 'product';
  const byPath = pathType(page);
  if (byPath === 'forum' || byPath === 'documentation') return byPath;
  return ogType === 'article' && article.sentences >= 3 ? 'article' : null;
}

function isDocumentation({ meta, index }: ParsedPage): boolean {
  return (meta.get('generator') ?? []).some((generator) => DOC_GENERATORS.test(generator)) || index.counts.code >= 3;
}

/**
 * What kind of page it is: its structured data, then its address, then its shape. A list of priced items is a collection, any
 * other list a listing.
 */
export function detectType(signals: TypeSignals): PageType {
  const { page, survey } = signals;
  const listType = !isListLike(survey) ? null : isPricedList(survey) ? 'collection' : 'listing';
  const declared = declaredType(signals, listType);
  if (declared !== null) return declared;
  const byPath = pathType(page);
  const posts = postsOf(survey);
  if (posts !== null && (isThread(posts, survey) || countsAnswers(page))) return 'forum';
  const isProduct = signals.hasPrice && (byPath === 'product' || hasBasket(page, survey));
  if (isProduct && (listType !== 'collection' || byPath === 'product')) return 'product';
  if (listType !== null) return listType === 'listing' && offersService(page, survey) ? 'service' : listType;
  return isDocumentation(page) ? 'documentation' : byShape(signals, byPath);
}

/** A list whose items, or whose owner, are what the structured data speak of. */
function declaresItems(page: ParsedPage, declared: PageType): boolean {
  if (declared === 'service' || declared === 'listing' || declared === 'collection') return true;
  return declared === 'article' && page.jsonLd.flatMap(typesOf).filter((type) => /Article|BlogPosting/.test(type)).length >= 3;
}

const MIN_THREAD_POSTS = 2;
const POST_ACTION =
  /^(?:reply|quote|report|like|answer|comment|antworten|zitieren|melden|répondre|citer|signaler|responder|citar|rispondi|cita)\b.{0,12}$/i;
const MAX_WALKED = 400;

/** Posts that hold most of the page, with the buttons of posts. */
function isThread({ records, chars }: RecordGroup, { chars: whole, measures }: PageSurvey): boolean {
  if (records.length < MIN_THREAD_POSTS || chars < whole * 0.5) return false;
  if (records.length >= 3 && chars >= whole * 0.6 && records.every((record) => isSigned(record, measures))) return true;
  let actions = 0;
  for (const record of records.slice(0, 6)) {
    let left = MAX_WALKED;
    let acts = false;
    walkElements(record, (element) => {
      if (acts || --left < 0) return false;
      if (element.name === 'a' || element.name === 'button' || element.name === 'span') acts = POST_ACTION.test(lineOf(element));
      return !acts;
    });
    if (acts) actions++;
  }
  return actions >= Math.min(records.length, 6) * 0.6;
}

/** A heading that counts what was answered. */
function countsAnswers({ index }: ParsedPage): boolean {
  return index.headings.some(
    (heading) => heading.name !== 'h1' && /^\d{1,5}\s(?:answers?|replies|antworten|réponses|respuestas|risposte)\b/i.test(lineOf(heading)),
  );
}

const MAX_NAME = 40;

/** Begins with a short line, as a name is, and has no heading. */
function isSigned(record: Element, measures: Measures): boolean {
  if ((measures.get(record)?.headingChars ?? 1) > 0) return false;
  let first: Element | null = null;
  walkElements(record, (element) => {
    if (first === null && (measures.get(element)?.ownChars ?? 0) > 1) first = element;
    return first === null;
  });
  return first !== null && (measures.get(first)?.ownChars ?? 0) <= MAX_NAME;
}

const MAX_OFFERED = 8;

/** A few boxes about what somebody does for others, and an invitation to order it. */
function offersService({ index }: ParsedPage, survey: PageSurvey): boolean {
  const count = survey.cards.reduce((sum, group) => sum + group.count, 0);
  if (count > MAX_OFFERED || isDatedList(survey)) return false;
  return index.anchors.some((anchor) => anchor.children.length <= 4 && isOffer(lineOf(anchor)));
}

const BASKET =
  /^(?:add to (?:cart|basket|bag|trolley)|put (?:it )?in(?:to)? the basket|buy now|buy it now|pre-?order(?: now)?|order now|in den warenkorb|jetzt kaufen|ajouter au panier|añadir al carrito|comprar|aggiungi al carrello|in winkelwagen)$/i;

/** A button to buy that stands in no card. */
function hasBasket({ body }: ParsedPage, { cardElements }: PageSurvey): boolean {
  let found = false;
  if (body === null) return false;
  walkElements(body, (element) => {
    if (found || cardElements.has(element)) return false;
    if (element.name === 'input') found = BASKET.test((element.attribs['value'] ?? '').trim());
    else if (element.name === 'button' || element.name === 'a') {
      const line = element.children.length > 8 ? '' : lineOf(element);
      found = line.length < 40 && BASKET.test(line);
    }
    return !found;
  });
  return found;
}

const MIN_CALLS = 2;

function callsOf({ index }: ParsedPage): number {
  return index.anchors.filter((anchor) => anchor.children.length <= 4 && isCallToAction(lineOf(anchor))).length;
}

function byShape({ page, article, survey, hasDate, hasAuthor }: TypeSignals, byPath: PageType | null): PageType {
  const prose = article.chars >= 600 && article.sentences >= 6 && article.chars >= survey.chars * 0.35;
  if (prose && (hasDate || hasAuthor)) return 'article';
  if (byPath !== null) return byPath;
  if (!hasDate && !hasAuthor && callsOf(page) >= MIN_CALLS) return 'service';
  if (prose) return 'article';
  return survey.linkShare > 0.5 ? 'listing' : 'other';
}
