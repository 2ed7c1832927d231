/** Whole web sites from a seed, for tests, chaos and benches of the crawler. */
export { type GeneratedSite, startGeneratedSite } from './generated-site.js';
