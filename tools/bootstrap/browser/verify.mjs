import { fileURLToPath } from 'node:url';
import { run } from '../subprocess.mjs';

const RENDER = fileURLToPath(new URL('./render-once.mjs', import.meta.url));

/** Whether this starts and is a Chromium: Ubuntu's /usr/bin/chromium-browser, for one, may be a stub that only says how to install it. */
export async function isBrowser(path) {
  const answer = await run(path, ['--version'], { timeoutMs: 20_000 });
  return answer.code === 0 && /(chrom|edge|brave)/i.test(answer.stdout);
}

/**
 * Whether a page with a script is drawn, the way the workers do it: shows that libraries, fonts and processes work, not
 * only that the file starts.
 */
export async function rendersPage(path, { node, root, environment }) {
  const answer = await run(node, [RENDER, path, root], { env: environment, timeoutMs: 60_000 });
  return answer.code === 0 && answer.stdout === 'drawn by script';
}
