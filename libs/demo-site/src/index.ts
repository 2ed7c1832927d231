/** The fictional site that ships with Gleaner: several kinds of pages, worth looking at, served on loopback. */
export { type DemoSite, startDemoSite } from './demo-site.js';
export type { DemoPage, PageKind } from './resources.js';
