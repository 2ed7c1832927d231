/** The stages as workflows call them: typed by the domain, each on its own task queue. No activity code is imported. */
import type {
  AnalyzeActivities,
  BrowserActivities,
  EmbedActivities,
  ExtractActivities,
  FetchActivities,
  JobActivities,
  LearnActivities,
  StoreActivities,
} from '@gleaner/domain';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import * as policies from './policies.js';

export const fetchStage = proxyActivities<FetchActivities>({ ...policies.FETCH, summary: 'fetch by HTTP' });
export const browserStage = proxyActivities<BrowserActivities>({ ...policies.BROWSER, summary: 'render in the browser' });
export const learnStage = proxyActivities<LearnActivities>({ ...policies.LEARN, summary: 'learn the template' });
export const extractStage = proxyActivities<ExtractActivities>({ ...policies.EXTRACT, summary: 'extract the document' });
export const embedStage = proxyActivities<EmbedActivities>({ ...policies.EMBED, summary: 'cut into chunks and embed' });
export const storeStage = proxyActivities<StoreActivities>({ ...policies.STORE, summary: 'store document and chunks' });
export const analyzeStage = proxyActivities<AnalyzeActivities>({ ...policies.ANALYZE, summary: 'language, counts, keywords' });
export const jobLog = proxyLocalActivities<JobActivities>(policies.JOB_LOG);
