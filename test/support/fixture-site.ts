/** A little site on loopback: news of one template, a page built by JavaScript, and answers that a test can hold back. */
import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';

export interface FixtureSite extends AsyncDisposable {
  readonly url: string;
  readonly address: string;
  readonly hits: Map<string, number>;
  /** From now on requests for this path wait; gives a promise of the first one and a release for all. */
  hold(path: string): { readonly arrived: Promise<void>; release(): void };
}

const PARAGRAPHS = 6;

/** Words that only page `n` has, so that a document can be checked against its page. */
export const markOf = (n: number): string => `mark${n}lantern`;

function newsPage(n: number): string {
  const paragraphs = Array.from(
    { length: PARAGRAPHS },
    (_, p) =>
      `<p>Paragraph ${p} of story ${n} tells, ${markOf(n)}, of harbors and the people who keep their lights burning through the winter.</p>`,
  );
  const links = Array.from({ length: 12 }, (_, i) => `<li><a href="/news/story-${i}">Story ${i}</a></li>`);
  return `<!doctype html><html lang="en"><head><title>Story number ${n} | Fixture Post</title></head><body>
<nav><ul>${links.join('')}</ul></nav>
<main><article class="story"><h1 class="headline">Story number ${n}</h1><p class="byline">By <span class="author">Ada Marlow</span></p>
<time class="date" datetime="2026-03-0${(n % 9) + 1}">March ${(n % 9) + 1}</time><div class="body">${paragraphs.join('\n')}</div></article></main>
<footer>All rights reserved by the Fixture Post.</footer></body></html>`;
}

const APP = `<!doctype html><html><head><title>App</title></head><body><div id="root"></div><script>
setTimeout(() => { document.getElementById('root').innerHTML = '<article><h1>Built by script</h1>' + '<p>This paragraph was built by a script, markapp, and goes on for a while so that it counts as content.</p>'.repeat(6) + '</article>'; }, 100);
</script></body></html>`;

export async function startFixtureSite(): Promise<FixtureSite> {
  const hits = new Map<string, number>();
  const held = new Map<string, { readonly waiting: ServerResponse[]; arrived(): void }>();
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    hits.set(path, (hits.get(path) ?? 0) + 1);
    const gate = held.get(path);
    if (gate === undefined) return answer(path, outgoing);
    gate.waiting.push(outgoing);
    gate.arrived();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no address');
  const address = `127.0.0.1:${bound.port}`;
  return {
    url: `http://${address}`,
    address,
    hits,
    hold(path) {
      const waiting: ServerResponse[] = [];
      const arrived = new Promise<void>((resolve) => held.set(path, { waiting, arrived: resolve }));
      return {
        arrived,
        release() {
          held.delete(path);
          for (const outgoing of waiting) if (!outgoing.destroyed) answer(path, outgoing);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(path: string, outgoing: ServerResponse): void {
  const html = (body: string) => void outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
  const story = /^\/news\/story-(\d+)$/.exec(path)?.[1];
  if (story !== undefined) return html(newsPage(Number(story)));
  if (path === '/app') return html(APP);
  outgoing.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
}
