import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoSite, startDemoSite } from './index.js';

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite();
});
afterAll(() => site.stop());

const count = (kind: string): number => site.pages.filter((page) => page.kind === kind).length;
const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, site.url), { redirect: 'manual', ...init });

describe('demo site', () => {
  it('has pages of every kind, each with one heading that is its title', async () => {
    expect([count('article'), count('documentation'), count('product'), count('forum'), count('script')]).toEqual([5, 3, 3, 1, 1]);
    for (const page of site.pages.filter(({ kind }) => kind !== 'script')) {
      const response = await get(page.path);
      expect([page.path, response.status]).toEqual([page.path, 200]);
      const charset = /charset=(.+)$/.exec(response.headers.get('content-type') ?? '')?.[1] ?? '';
      const html = new TextDecoder(charset, { fatal: true }).decode(await response.arrayBuffer());
      expect([page.path, html.match(/<h1>.*?<\/h1>/g)]).toEqual([page.path, [`<h1>${page.title}</h1>`]]);
      for (const [, json] of html.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/g))
        expect(JSON.parse(json ?? '')).toHaveProperty('@type');
    }
  });

  it('has no dead internal link, image or fragment', async () => {
    const queue = ['/', '/live/tides'];
    const seen = new Map<string, string>();
    const wanted: [string, string][] = [];
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (seen.has(path)) continue;
      const response = await get(path);
      expect([path, [200, 302].includes(response.status)]).toEqual([path, true]);
      const text = await response.text();
      seen.set(path, text);
      const location = response.headers.get('location');
      if (location !== null) queue.push(location);
      if (!response.headers.get('content-type')?.startsWith('text/html')) continue;
      for (const [, link] of text.matchAll(/(?:href|src|action)="([^"]+)"/g)) {
        const target = new URL(link ?? '', site.url + path);
        if (target.origin !== site.url) continue;
        queue.push(target.pathname);
        if (target.hash !== '') wanted.push([target.pathname, target.hash.slice(1)]);
      }
    }
    expect(site.pages.map((page) => page.path).filter((path) => !seen.has(path))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.filter(([path, id]) => !seen.get(path)?.includes(`id="${id}"`))).toEqual([]);
  });

  it('nests and closes its elements', async () => {
    const VOID = new Set(['meta', 'link', 'img', 'br', 'input']);
    for (const page of site.pages) {
      const html = (await (await get(page.path)).text()).replace(/<script[^>]*>[^]*?<\/script>/g, '');
      const open: string[] = [];
      const wrong: string[] = [];
      for (const [tag, close, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
        if (close === '' && !VOID.has(name)) open.push(name);
        if (close !== '' && open.pop() !== name) wrong.push(tag);
      }
      expect([page.path, wrong]).toEqual([page.path, []]);
      expect([page.path, open]).toEqual([page.path, []]);
    }
  });

  it('answers 304 to its own ETag, HEAD without a body, 405 to the rest', async () => {
    const etag = (await get('/news/')).headers.get('etag') ?? '';
    expect((await get('/news/', { headers: { 'if-none-match': `"other", W/${etag}` } })).status).toBe(304);
    expect((await get('/news/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    const head = await get('/news/', { method: 'HEAD' });
    expect([head.status, await head.text(), Number(head.headers.get('content-length')) > 1_000]).toEqual([200, '', true]);
    expect((await get('/', { method: 'POST' })).status).toBe(405);
  });

  it('redirects, misses, forbids one folder to robots, and speaks ISO-8859-1', async () => {
    expect((await get('/news/latest')).headers.get('location')).toMatch(/^\/news\/[a-z-]+$/);
    expect([(await get('/gone')).status, (await get('/%2e%2e/package.json')).status]).toEqual([404, 404]);
    expect(await (await get('/robots.txt')).text()).toContain('Disallow: /newsroom/\n');
    expect((await get('/newsroom/drafts')).status).toBe(200);
    const french = await get('/fr/la-rade');
    expect(french.headers.get('content-type')).toBe('text/html; charset=iso-8859-1');
    const bytes = Buffer.from(await french.arrayBuffer());
    expect(bytes.includes(Buffer.from('été', 'latin1'))).toBe(true);
    expect(bytes.toString('latin1')).toContain("le carnet d'Éloïse");
    // oxlint-disable-next-line no-control-regex -- a cut code point would show as one
    expect(bytes.toString('latin1')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(bytes.toString('latin1')).toContain('Éloïse &#8211; The Harbor Gazette</title>');
    const shell = await (await get('/live/tides')).text();
    expect(shell.replace(/<noscript>.*<\/noscript>|<[^>]+>/g, '').trim()).toBe('The Harbor Gazette');
  });

  it('lists exactly its pages in the site map', async () => {
    const xml = await (await get('/sitemap.xml')).text();
    expect([...xml.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, url]) => url)).toEqual(site.pages.map((page) => site.url + page.path));
  });

  it('says when its port is taken', async () => {
    await expect(startDemoSite({ port: Number(new URL(site.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
