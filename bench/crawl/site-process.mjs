/** A generated site in a process of its own, so that serving it is not counted as crawling it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../libs/site-generator/dist/main.js', import.meta.url));

export async function startSite({ pages, bytes = 60_000, latencyMs = 0, seed = 1, failShare = 0 }) {
  const flags = { seed, pages, bytes, latency: latencyMs, fail: failShare };
  const child = spawn(process.execPath, [MAIN, ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { url } = JSON.parse(line);
  return {
    url,
    address: new URL(url).host,
    served: async () => (await fetch(`${url}/__served`)).json(),
    reset: async () => void (await (await fetch(`${url}/__reset`, { method: 'POST' })).text()),
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
