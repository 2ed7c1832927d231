export * from './batch.js';
export * from './crawl.js';
export * from './ledger.js';
export * from './ports.js';
export * from './stages.js';
