export { createBrowser } from './browser.js';
export { createBrowserActivities } from './browser.activities.js';
export { createPageRenderer } from './page-renderer.js';
