/** The stages as workflows call them: typed by the domain, each on its own task queue. No activity code is imported. */
import type {
  AnalyzeActivities,
  BrowserActivities,
  CrawlBrowserActivities,
  CrawlEmbedActivities,
  CrawlExtractActivities,
  CrawlFetchActivities,
  CrawlStoreActivities,
  EmbedActivities,
  ExtractActivities,
  FetchActivities,
  JobActivities,
  LearnActivities,
  StoreActivities,
} from '@gleaner/domain';
import { type ActivityInterfaceFor, type ActivityOptions, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import * as policies from './policies.js';

/** Options of the stages of this workflow; every workflow has its own copy of this module. */
const steerable: ActivityOptions[] = [];

function steered<Activities>(policy: ActivityOptions): ActivityInterfaceFor<Activities> {
  const options = { ...policy };
  steerable.push(options);
  return proxyActivities<Activities>(options);
}

/** From now on stages are scheduled with this priority instead of the one that the workflow was started with. */
export function steerTo(priorityKey: number): void {
  for (const options of steerable) options.priority = { priorityKey };
}

export const fetchStage = steered<FetchActivities>({ ...policies.FETCH, summary: 'fetch by HTTP' });
export const browserStage = steered<BrowserActivities>({ ...policies.BROWSER, summary: 'render in the browser' });
export const learnStage = steered<LearnActivities>({ ...policies.LEARN, summary: 'learn the template' });
export const extractStage = steered<ExtractActivities>({ ...policies.EXTRACT, summary: 'extract the document' });
export const embedStage = steered<EmbedActivities>({ ...policies.EMBED, summary: 'cut into chunks and embed' });
export const storeStage = steered<StoreActivities>({ ...policies.STORE, summary: 'store document and chunks' });
export const analyzeStage = steered<AnalyzeActivities>({ ...policies.ANALYZE, summary: 'language, counts, keywords' });
/** The stages of a crawl, which take batches. */
export const crawlStages = {
  fetch: steered<CrawlFetchActivities>({ ...policies.FETCH_BATCH, summary: 'fetch a batch' }),
  browser: steered<CrawlBrowserActivities>({ ...policies.BROWSER_BATCH, summary: 'render a batch' }),
  extract: steered<CrawlExtractActivities>({ ...policies.EXTRACT_BATCH, summary: 'extract a batch' }),
  embed: steered<CrawlEmbedActivities>({ ...policies.EMBED_BATCH, summary: 'embed a batch' }),
  store: steered<CrawlStoreActivities>({ ...policies.STORE_BATCH, summary: 'store a batch' }),
};
export const jobLog = proxyLocalActivities<JobActivities>(policies.JOB_LOG);
