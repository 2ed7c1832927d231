export { createFetchActivities, type FetchActivitiesDeps } from './fetch.activities.js';
export { type HostTurns, createHostTurns } from './host-turns.js';
export { type PageFetcher, type PageFetcherDeps, createPageFetcher } from './page-fetcher.js';
export { type Robots, createRobots } from './robots/robots-service.js';
