import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Gleaner, startGleaner } from '../support/gleaner.js';

const CRAWL_MS = 120_000;
const TEXT = 'The harbor office publishes the tides of the coming week and the depth of every berth. ';
const BUILT = 'This paragraph was built by a script after the page had come, and says what the table of berths means. ';

let gleaner: Gleaner;
let site: Awaited<ReturnType<typeof startSite>>;

const list = (folder: string, from: number) =>
  Array.from({ length: 6 }, (_, index) => `<li><a href="/${folder}/${from + index}">entry ${from + index} of ${folder}</a></li>`).join('');

/** Pages of /plain/ come as they are; those of /rich/ have text, and scripts bring most of it, with links to further pages of their kind. */
async function startSite() {
  const served = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const [, folder = '', number = ''] = path.split('/');
    served.set(path, (served.get(path) ?? 0) + 1);
    const isPage = path === '/' || ((folder === 'plain' || folder === 'rich') && Number(number) < 200);
    if (!isPage) {
      response.writeHead(404).end();
      return;
    }
    const script = `for (let n = 0; n < 12; n++) { const p = document.createElement('p'); p.textContent = ${JSON.stringify(BUILT)} + n + ' of ${number}'; document.querySelector('main').append(p); }
      document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(`<ul>${list('rich', 100)}</ul>`)});`;
    const own =
      path === '/'
        ? `<ul>${list('plain', 1)}${list('rich', 1)}</ul>`
        : `<p>${TEXT.repeat(3)} ${number} ${'x'.repeat(Number(number) % 30)}</p>`;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>${folder} ${number}</title><main><h1>${folder} ${number}</h1>${own}</main>${folder === 'rich' ? `<script>${script}</script>` : ''}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { address, served, close };
}

beforeAll(async () => {
  site = await startSite();
  gleaner = await startGleaner({ allow: [site.address] });
});

afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  site.close();
});

async function crawl() {
  const { id } = await gleaner.client.crawl({ url: `http://${site.address}/`, depth: 4 });
  const job = await gleaner.client.wait(id, { signal: AbortSignal.timeout(CRAWL_MS) });
  const stored = await Array.fromAsync(gleaner.client.pages(id, { state: 'stored' }));
  const methods = new Map(stored.map(({ url, method }) => [new URL(url).pathname, method ?? '']));
  return { job, methods };
}

it('finds out with one page of each kind whether the browser adds to it, and opens there what needs it', async () => {
  const first = await crawl();
  expect(first.job).toMatchObject({ state: 'completed' });
  // Only scripts lead to these.
  expect([...first.methods.keys()].filter((path) => path.startsWith('/rich/1') && path.length > 8)).toHaveLength(6);
  const inBrowser = (methods: ReadonlyMap<string, string>, folder: string) =>
    [...methods].filter(([path, method]) => path.startsWith(folder) && method === 'browser').length;
  expect(inBrowser(first.methods, '/plain/')).toBeLessThanOrEqual(1);
  expect(inBrowser(first.methods, '/rich/10')).toBe(6);
  expect([...site.served].filter(([path, count]) => /^\/(plain|rich)\//.test(path) && count !== 1)).toEqual([]);
  const [host = ''] = site.address.split(':');
  expect((await Array.fromAsync(gleaner.client.sites())).find((one) => one.host.startsWith(host))).toMatchObject({ needsBrowser: true });
  const second = await crawl();
  expect(inBrowser(second.methods, '/plain/')).toBe(0);
  expect(inBrowser(second.methods, '/rich/')).toBe([...second.methods.keys()].filter((path) => path.startsWith('/rich/')).length);
}, 240_000);
