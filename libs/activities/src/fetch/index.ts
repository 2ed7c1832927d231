export { createFetchActivities } from './fetch.activities.js';
export { createHostTurns } from './host-turns.js';
export { createPageFetcher } from './page-fetcher.js';
export { createRobots } from './robots/robots-service.js';
