/** One template on loopback: pages of about 60 kB with 1,200 words of content, no latency of its own. */
import { once } from 'node:events';
import { createServer } from 'node:http';

const WORDS = 'harbor lantern meadow copper violin orchard thunder pebble glacier compass ribbon walnut ember falcon tunnel saffron'.split(
  ' ',
);
const sentence = (n, s) =>
  `${Array.from({ length: 14 }, (_unused, w) => WORDS[(n * 7 + s * 5 + w * 3) % WORDS.length]).join(' ')} ${n}.${s}.`;

function page(n) {
  const paragraphs = Array.from(
    { length: 20 },
    (_unused, p) => `<p>${Array.from({ length: 4 }, (_, s) => sentence(n, p * 4 + s)).join(' ')}</p>`,
  ).join('\n');
  const menu = Array.from(
    { length: 200 },
    (_, i) =>
      `<li class="menu-item level-${i % 3}"><a class="menu-link" href="/news/story-${i}" title="Read story number ${i}">Story ${i}</a></li>`,
  ).join('\n');
  const aside = Array.from(
    { length: 60 },
    (_, i) =>
      `<div class="card"><a href="/news/story-${i}"><img src="/i/${i}.jpg" alt="Picture ${i}"><h4>Trending story ${i}</h4></a></div>`,
  ).join('\n');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Story number ${n} | Bench Post</title></head><body><nav><ul>${menu}</ul></nav>
<main><article class="story"><h1 class="headline">Story number ${n}</h1><p class="byline">By <span class="author">Ada Marlow</span></p><time class="date" datetime="2026-03-02">March 2</time><div class="body">${paragraphs}</div></article></main>
<aside>${aside}</aside><footer>All rights reserved.</footer></body></html>`;
}

export async function startBenchSite() {
  const server = createServer((incoming, outgoing) => {
    const n = /^\/news\/story-(\d+)/.exec(incoming.url)?.[1];
    if (n === undefined) return outgoing.writeHead(404).end();
    return outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(Number(n)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${server.address().port}`;
  return {
    address,
    pageUrl: (n) => `http://${address}/news/story-${n}`,
    bytes: page(1).length,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
