/** Entry of the workflow bundle: every export is a workflow type, so nothing else is exported here. */
export { crawlHost } from './crawl-host.workflow.js';
export { crawlSite } from './crawl-site.workflow.js';
export { extractPage } from './extract-page.workflow.js';
export { learnJob } from './learn-job.workflow.js';
export { learnSite } from './learn-site.workflow.js';
