import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isExecutable } from '../cache.mjs';
import { isBrowser } from './verify.mjs';

const BINARIES = [
  'chrome-linux/chrome',
  'chrome-linux64/chrome',
  'chrome-linux/headless_shell',
  'chrome-headless-shell-linux64/chrome-headless-shell',
  ...['chrome-mac', 'chrome-mac-arm64', 'chrome-mac-x64'].flatMap((folder) => [
    `${folder}/Chromium.app/Contents/MacOS/Chromium`,
    `${folder}/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing`,
    `${folder}/headless_shell`,
  ]),
  'chrome-headless-shell-mac-arm64/chrome-headless-shell',
  'chrome-headless-shell-mac-x64/chrome-headless-shell',
];

/** Where Playwright keeps its downloads. */
function playwrightFolder({ environment, platform, home }) {
  const chosen = environment.PLAYWRIGHT_BROWSERS_PATH;
  if (chosen && chosen !== '0') return chosen;
  return platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'ms-playwright')
    : join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'ms-playwright');
}

const revisionOf = (name) => Number(/-(\d+)$/.exec(name)?.[1] ?? 0);

/** A Chromium that some Playwright of this machine downloaded; the newest that starts. */
export async function fromPlaywright(options) {
  const folder = playwrightFolder(options);
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^chromium(_headless_shell)?-\d+$/.test(name));
  for (const name of names.toSorted((left, right) => revisionOf(right) - revisionOf(left))) {
    for (const binary of BINARIES) {
      const path = join(folder, name, binary);
      if ((await isExecutable(path)) && (await isBrowser(path))) return path;
    }
  }
  return undefined;
}
