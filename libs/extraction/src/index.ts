export { chunkMarkdown, type ChunkOptions } from './analyze/chunks.js';
export { contentHashOf } from './analyze/content-hash.js';
export { discoverPage } from './discover/discover-page.js';
export { MAX_SITEMAP_BYTES, type SitemapEntry, parseSitemap } from './discover/sitemap.js';
export { keyOf } from './discover/page-key.js';
export { bandsOf, bandsOfEncoded, encodeSignature, signatureOf, similarityOfEncoded } from './near-duplicate/signature.js';
export { analyzeText } from './analyze/text-analysis.js';
export { extractGeneral } from './content/general.js';
export { browserAdds } from './content/browser-adds.js';
export { looksLikeShell } from './content/shell.js';
export { HEALTH_WINDOW, type Health, type HealthBaseline, type HealthReason, judgeHealth } from './health/judge-health.js';
export { type Observation } from './health/observation.js';
export { type MoveVerdict, judgeMove } from './health/judge-move.js';
export { type ConfigScore, type PromotionVerdict, comparePromotions } from './health/promotion.js';
export { toText } from './markdown/plain-text.js';
export { toMarkdown } from './markdown/serializer.js';
export { type ParsedPage, parsePage } from './parse/parsed-page.js';
export { type ModelShare, NO_MODEL, answeredPage, askedKeyOf } from './schema/answered-page.js';
export { type SchemaAnswer, acceptAnswers, extractBySchema } from './schema/schema-extraction.js';
export { type ExtractionAnswer, extractByTemplate, extractPage } from './template/apply.js';
export {
  type Wishes,
  askedProposals,
  extendedConfig,
  triedInVain,
  untriedFields,
  wishesInTurn,
  wishesOf,
  wishesToTry,
} from './template/asked-fields.js';
export { chooseTemplate, newTemplateOf, placePage, templateKeyOf } from './template/key.js';
export { type ContentMiss, type LearnOptions, type LearnedTemplate, type TemplateSample, learnTemplate } from './template/learn.js';
export { type Proposal, type ReadProposals, readProposals } from './template/proposals.js';
export { pruneDom } from './template/pruned-dom.js';
export { sampleCandidates } from './template/sample-candidates.js';
export { isBuiltLike } from './template/structure.js';
