import { homedir } from 'node:os';
import { fromPackage } from './from-package.mjs';
import { fromPlaywright } from './from-playwright.mjs';
import { fromSetting } from './from-setting.mjs';
import { fromSystem } from './from-system.mjs';

const ROUTES = [fromSetting, fromSystem, fromPlaywright, fromPackage];

/**
 * A Chromium for pages that need one.
 * @param {{ root: string, cache: string, node: string, environment: NodeJS.ProcessEnv, report: ReturnType<import('../report.mjs').createReport>,
 *   platform?: string, arch?: string, home?: string }} given
 * @returns {Promise<string | undefined>} undefined when there is none: everything else works without
 */
export async function findBrowser(given) {
  const options = { platform: process.platform, arch: process.arch, home: given.environment.HOME || homedir(), ...given };
  for (const route of ROUTES) {
    const path = await route(options);
    if (path !== undefined) return path;
  }
  options.report.note('no browser was found: pages that need one will say so; install Chromium or set CHROMIUM_PATH');
  return undefined;
}
