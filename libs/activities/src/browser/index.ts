export { type Browser, type BrowserDeps, createBrowser } from './browser.js';
export { type BrowserActivitiesDeps, createBrowserActivities } from './browser.activities.js';
export { type PageRenderer, type PageRendererDeps, createPageRenderer } from './page-renderer.js';
