import { createEgressPolicy, createEgressProxy } from '@gleaner/egress';
import { expect, it } from 'vitest';
import { createBrowser } from './browser.js';
import { testChromium } from './test-browser.js';

const executablePath = await testChromium();

it.runIf(executablePath !== null)('replaces the browser after 100 contexts, without taking it from who still uses it', async () => {
  const proxy = await createEgressProxy(createEgressPolicy({ allowPrivate: [] }));
  const browser = createBrowser({ executablePath, proxy, userAgent: 'TestBot' });
  const first = await browser.lease();
  for (let count = 1; count < 100; count++) await (await browser.lease()).release();
  const later = await browser.lease();
  expect(later.context.browser()).not.toBe(first.context.browser());
  expect(first.context.browser()?.isConnected()).toBe(true);
  await first.release();
  await first.release();
  expect(first.context.browser()?.isConnected() ?? false).toBe(false);
  await browser.close();
  expect(later.context.browser()?.isConnected() ?? false).toBe(false);
  await expect(browser.lease()).rejects.toMatchObject({ code: 'BROWSER_FAILED' });
  await proxy.close();
});
