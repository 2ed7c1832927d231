export { createAnalyzeActivities } from './analyze/analyze.activities.js';
export { createBrowser, createBrowserActivities, createPageRenderer } from './browser/index.js';
export {
  createCrawlBrowserActivities,
  createCrawlEmbedActivities,
  createCrawlExtractActivities,
  createCrawlFetchActivities,
  createCrawlStoreActivities,
} from './crawl/crawl.activities.js';
export type {
  CrawlLink,
  CrawlPageInput,
  CrawlPageResult,
  CrawlPagesInput,
  CrawlPagesResult,
  EarlierText,
  FieldsServed,
  UnansweredPage,
} from './crawl/crawl-page.js';
export { KnownUrls } from './crawl/known-urls.js';
export { createLinkJudge } from './crawl/link-judge.js';
export { type CpuTasks, type ExtractResult, type FieldAnswer, type LearnResult, type PageBody, type SampleLinks } from './cpu/cpu-tasks.js';
export { createEmbedActivities } from './embed/embed.activities.js';
export { createExtractActivities } from './extract/extract.activities.js';
export { createFetchActivities, createHostTurns, createPageFetcher, createRobots } from './fetch/index.js';
export { createJobActivities } from './job/job.activities.js';
export { createLearnActivities } from './learn/learn.activities.js';
export { beat } from './runtime/activity-progress.js';
export { CountedAttempts } from './runtime/counted-attempts.js';
export { toApplicationFailure } from './runtime/failure.js';
export { createStoreActivities } from './store/store.activities.js';
