import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type GeneratedSite, startGeneratedSite } from './index.js';
import type { SiteOptions } from './site-options.js';

const sites: GeneratedSite[] = [];
async function start(options: Partial<SiteOptions> = {}, controlled = false): Promise<GeneratedSite> {
  const site = await startGeneratedSite({ seed: 7, pages: 40, ...options }, controlled);
  sites.push(site);
  return site;
}
afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()));
});

const get = (site: GeneratedSite, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(site.url + path, { redirect: 'manual', ...init });
const html = async (site: GeneratedSite, path: string): Promise<string> => (await get(site, path)).text();
const linksOf = (text: string): string[] =>
  [...text.matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, link]) => (link ?? '').replaceAll('&amp;', '&'));
const contentPaths = (site: GeneratedSite): string[] => [...site.paths()].filter((path) => site.truthOf(path) !== undefined);
/** Text without markup, white space folded. */
const textOf = (page: string): string =>
  page
    .replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

/** Follows every link from the home page; the status and depth of each path, fragments aside. */
async function follow(site: GeneratedSite, limit = Infinity): Promise<Map<string, { status: number; depth: number }>> {
  const seen = new Map<string, { status: number; depth: number }>();
  let wave = ['/'];
  for (let depth = 0; wave.length > 0 && seen.size < limit; depth += 1) {
    const next = new Set<string>();
    for (const path of wave) {
      const response = await get(site, path);
      const body = await response.text();
      seen.set(path, { status: response.status, depth });
      const location = response.headers.get('location');
      for (const link of location === null ? linksOf(body) : [location]) {
        const { pathname, search } = new URL(link, site.url + path);
        next.add(pathname + search);
      }
    }
    wave = [...next].filter((path) => !seen.has(path));
  }
  return seen;
}

function shingles(text: string): Set<string> {
  const words = text.toLowerCase().split(/\W+/);
  return new Set(words.slice(2).map((_, index) => words.slice(index, index + 3).join(' ')));
}
function jaccard(a: Set<string>, b: Set<string>): number {
  const shared = [...a].filter((shingle) => b.has(shingle)).length;
  return shared / (a.size + b.size - shared);
}

describe('generated site', () => {
  it('is the same for the same seed, and another for another', async () => {
    const options = { duplicates: 0.3, javascript: 0.2, languages: ['en', 'de', 'fr'] as const };
    const [one, two, other] = [await start(options), await start(options), await start({ ...options, seed: 8 })];
    expect([...one.paths()]).toEqual([...two.paths()]);
    expect([...one.paths()]).not.toEqual([...other.paths()]);
    for (const site of [one, two]) {
      site.change(0.5);
      site.redesign();
    }
    for (const path of one.paths())
      expect((await html(one, path)).replaceAll(one.address, '')).toBe((await html(two, path)).replaceAll(two.address, ''));
  });

  it('can be crawled from its home page, and is what it expects of a crawl', async () => {
    const site = await start({ pages: 700, bytesPerPage: 3_000, duplicates: 0.2, redirects: true, failShare: 0.1, failTimes: 3 });
    const expected = site.expected();
    for (const [path, times] of expected.failures)
      for (let time = 0; time < times; time += 1) expect([500, 503]).toContain((await get(site, path)).status);
    site.resetCounts();
    const seen = await follow(site);
    const ok = [...seen].filter(([path, { status }]) => status === 200 && !path.includes('?')).map(([path]) => path);
    const extra = [...expected.skipped].filter(([, reason]) => reason === 'robots' || reason === 'content_type').map(([path]) => path);
    expect(ok.toSorted()).toEqual([...expected.stored, ...expected.duplicates.keys(), ...extra].toSorted());
    expect(Math.max(...ok.map((path) => seen.get(path)?.depth ?? 0))).toBeLessThanOrEqual(5);
    expect([...expected.redirects.keys()].every((path) => [301, 302].includes(seen.get(path)?.status ?? 0))).toBe(true);
    expect([seen.get('/missing')?.status, seen.get('/loop/a')?.status, seen.get('/loop/b')?.status]).toEqual([404, 302, 302]);
    expect([expected.redirects.size, expected.duplicates.size > 80, expected.failures.size > 40]).toEqual([42, true, true]);
    const { byPath, requests } = site.served();
    expect(Object.values(byPath).every((count) => count === 1)).toBe(true);
    expect([requests, Object.keys(byPath).length]).toEqual([seen.size, seen.size]);
  });

  it('says of every page what is on it and what is not its own', async () => {
    const site = await start({ languages: ['en', 'de', 'fr'] });
    const paths = contentPaths(site);
    expect(paths).toHaveLength(40);
    for (const path of paths) {
      const truth = site.truthOf(path)!;
      const page = await html(site, path);
      const text = textOf(page);
      for (const paragraph of [...truth.paragraphs, ...truth.boilerplate, truth.title]) expect(text).toContain(paragraph);
      expect(page).toContain(truth.publishedAt ?? truth.price!);
      expect(page).toContain(`<html lang="${truth.language}">`);
      expect(truth.template === 'documentation' ? page : text).toContain(truth.author);
      for (const [, json] of page.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/g))
        expect(JSON.parse(json!)).toMatchObject({ headline: truth.title, author: [{ name: truth.author }] });
    }
    expect(new Set(paths.map((path) => site.truthOf(path)!.type)).size).toBe(4);
    expect(new Set(paths.map((path) => site.truthOf(path)!.language)).size).toBe(3);
    expect([site.truthOf('/'), site.truthOf('/news/'), site.truthOf('/news/other-title-0')]).toEqual([undefined, undefined, undefined]);
  });

  it('has pages that differ, of the size that was asked for', async () => {
    const site = await start({ bytesPerPage: 20_000, languages: ['en', 'de', 'fr'] });
    const texts = contentPaths(site).map((path) => shingles(site.truthOf(path)!.paragraphs.join(' ')));
    const likeness = texts.flatMap((one, at) => texts.slice(at + 1).map((two) => jaccard(one, two)));
    expect(Math.max(...likeness)).toBeLessThan(0.15);
    const sizes = await Promise.all(contentPaths(site).map(async (path) => Buffer.byteLength(await html(site, path))));
    expect(Math.min(...sizes)).toBeGreaterThan(15_000);
    expect(Math.max(...sizes)).toBeLessThan(25_500);
  });

  it('has exact, near and canonical duplicates', async () => {
    const site = await start({ pages: 60, duplicates: 1 });
    const kinds = { exact: 0, near: 0, canonical: 0 };
    for (const [path, { original, kind }] of site.expected().duplicates) {
      kinds[kind] += 1;
      const [copy, page] = [await html(site, path), await html(site, original)];
      const likeness = jaccard(shingles(textOf(copy)), shingles(textOf(page)));
      expect([kind, kind !== 'near' || (likeness < 1 && likeness > 0.8)]).toEqual([kind, true]);
      const named = copy.includes(`<link rel="canonical" href="${site.url}${original}">`);
      expect([kind, named, copy === page]).toEqual([kind, kind === 'canonical', kind === 'exact']);
    }
    expect(Math.min(...Object.values(kinds))).toBeGreaterThan(5);
  });

  it('builds the main part of scripted pages by a script', async () => {
    const site = await start({ javascript: 1 });
    const served = { inline: 0, fetched: 0 };
    for (const path of contentPaths(site)) {
      const { paragraphs } = site.truthOf(path)!;
      const page = await html(site, path);
      expect(textOf(page)).not.toContain(paragraphs[0]);
      const inline = /<script type="application\/json">(.*?)<\/script>/s.exec(page)?.[1];
      served[inline === undefined ? 'fetched' : 'inline'] += 1;
      const data = JSON.parse(inline ?? (await html(site, /data-root="([^"]+)"/.exec(page)![1]!))) as { html: string };
      for (const paragraph of paragraphs) expect(textOf(data.html)).toContain(paragraph);
    }
    expect([served.inline > 10, served.fetched > 10]).toEqual([true, true]);
  });

  it('answers 304 exactly when nothing changed', async () => {
    const site = await start();
    const before = new Map<string, { etag: string; modified: string; body: string }>();
    for (const path of site.paths()) {
      const response = await get(site, path);
      const [etag, modified] = [response.headers.get('etag')!, response.headers.get('last-modified')!];
      before.set(path, { etag, modified, body: await response.text() });
      expect((await get(site, path, { headers: { 'if-none-match': `"x", W/${etag}` } })).status).toBe(304);
      expect((await get(site, path, { headers: { 'if-modified-since': modified } })).status).toBe(304);
    }
    expect(site.served().notModified).toBe(2 * before.size);
    const changed = site.change(0.3);
    const removed = site.remove(0.2);
    const added = site.add(60);
    expect([changed.length > 5, removed.length > 3, added.length]).toEqual([true, true, 60]);
    for (const [path, { etag, modified, body }] of before) {
      const response = await get(site, path, { headers: { 'if-none-match': etag } });
      const now = await html(site, path);
      const isRemoved = removed.includes(path);
      const isChanged = changed.includes(path) && !isRemoved;
      const expected = isRemoved ? [404, 410] : [now === body ? 304 : 200];
      expect([path, expected.includes(response.status)]).toEqual([path, true]);
      const isLater = Date.parse(response.headers.get('last-modified') ?? '') > Date.parse(modified);
      const missing = isChanged ? site.truthOf(path)!.paragraphs.filter((paragraph) => !textOf(now).includes(paragraph)) : [];
      expect([path, isChanged ? [now === body, response.status, isLater] : 'as it was', missing]).toEqual([
        path,
        isChanged ? [false, 200, true] : 'as it was',
        [],
      ]);
    }
    expect(site.expected().gone.toSorted()).toEqual(removed.toSorted());
    const seen = await follow(site);
    expect(added.every((path) => seen.get(path)?.status === 200)).toBe(true);
    expect([...site.paths()].every((path) => seen.get(path)?.status === 200)).toBe(true);
    expect(removed.some((path) => seen.get(path)?.status === 200)).toBe(false);
  });

  it('lists the content pages that are there in its site map', async () => {
    const site = await start({ pages: 2_100, sitemap: 'index-gz' });
    const plain = await start();
    for (const one of [site, plain]) one.remove(0.1);
    const locs = (xml: string, of: GeneratedSite): string[] =>
      [...xml.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, url]) => url!.slice(of.url.length));
    const parts = locs(await html(site, '/sitemap.xml'), site);
    const bodies = await Promise.all(parts.map(async (path) => (await get(site, path)).arrayBuffer()));
    expect(bodies).toHaveLength(3);
    expect(bodies.flatMap((body) => locs(gunzipSync(body).toString(), site))).toEqual(contentPaths(site));
    expect(locs(await html(plain, '/sitemap.xml'), plain)).toEqual(contentPaths(plain));
    expect(await html(plain, '/robots.txt')).toBe(`User-agent: *\nDisallow: /private/\n\nSitemap: ${plain.url}/sitemap.xml\n`);
  });

  it('never ends where it has traps', async () => {
    const site = await start({ pages: 4, traps: true, bytesPerPage: 1_000 });
    const { traps } = site.expected();
    const seen = await follow(site, 600);
    expect(seen.size).toBeGreaterThan(600);
    for (const prefix of traps) {
      const hit = [...seen].filter(([path]) => path.startsWith(prefix));
      expect([prefix, hit.length > 3, hit.every(([, { status }]) => status === 200)]).toEqual([prefix, true, true]);
    }
    expect((await get(await start(), '/deeper/')).status).toBe(404);
  });

  it('keeps the text and no name when it is redesigned', async () => {
    const site = await start();
    const namesOf = (page: string): string[] => [...page.matchAll(/ (?:class|id)="([^"]+)"/g)].map(([, name]) => name!);
    const paths = [...site.paths()];
    const before = new Map(await Promise.all(paths.map(async (path) => [path, await html(site, path)] as const)));
    site.redesign('product');
    for (const path of paths) expect([path, (await html(site, path)) === before.get(path)]).toEqual([path, !/shop\/.*-\d/.test(path)]);
    site.redesign();
    for (const path of paths) {
      const now = await html(site, path);
      expect(textOf(now)).toBe(textOf(before.get(path)!));
      const old = new Set(namesOf(before.get(path)!).filter((name) => !name.startsWith('language-')));
      const names = namesOf(now);
      expect([names.length > old.size, names.filter((name) => old.has(name))]).toEqual([true, []]);
      expect(now).not.toMatch(/\.page /);
      const wanted = [...now.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
      expect(wanted.filter((id) => !now.includes(`id="${id}"`))).toEqual([]);
    }
  });

  it('puts its pages under one shape, and rebuilds a template of plain boxes, with the text as it was', async () => {
    const site = await start({ oneShape: true });
    const paths = contentPaths(site);
    expect(paths.filter((path) => !/^\/read\/[a-z0-9-]+$/.test(path))).toEqual([]);
    expect(new Set(paths.map((path) => site.truthOf(path)?.template)).size).toBe(4);
    const before = new Map(await Promise.all(paths.map(async (path) => [path, await html(site, path)] as const)));
    site.rebuild('thread');
    for (const path of paths) {
      const now = await html(site, path);
      const isThread = site.truthOf(path)?.template === 'thread';
      expect([path, now === before.get(path), /<(?:main|section)/.test(now)]).toEqual([path, !isThread, !isThread]);
      expect(textOf(now)).toBe(textOf(before.get(path)!));
    }
  });

  it('closes its elements', async () => {
    const site = await start({ duplicates: 0.5, javascript: 0.2 });
    const empty = new Set(['meta', 'link', 'img', 'input']);
    site.redesign('article');
    for (const path of site.paths()) {
      const open: string[] = [];
      for (const [, close, name = ''] of (await html(site, path))
        .replace(/<script[^>]*>[^]*?<\/script>/g, '')
        .matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
        if (close === '' && !empty.has(name)) open.push(name);
        const expected = close === '' ? name : open.pop();
        expect([path, expected]).toEqual([path, name]);
      }
      expect([path, open]).toEqual([path, []]);
    }
  });

  it('counts concurrency, refuses above its rate, and heeds HEAD', async () => {
    const slow = await start({ latencyMs: 60, latencyJitterMs: 40 });
    await Promise.all(
      contentPaths(slow)
        .slice(0, 12)
        .map((path) => html(slow, path)),
    );
    const host = slow.served().byHost[slow.address]!;
    expect([host.startedMs.length, host.peakConcurrency > 1, host.peakConcurrency <= 12]).toEqual([12, true, true]);
    expect(host.smallestGapMs).toBe(Math.min(...host.startedMs.slice(1).map((at, index) => at - host.startedMs[index]!)));
    for (const retryAfterAs of ['seconds', 'date'] as const) {
      const strict = await start({ throttle: { maxPerSecond: 0.001, retryAfterSeconds: 3, retryAfterAs } });
      const refused = await get(strict, '/');
      expect(refused.status).toBe(429);
      const field = refused.headers.get('retry-after')!;
      expect(retryAfterAs === 'seconds' ? field === '3' : Date.parse(field) >= Date.parse(refused.headers.get('date')!) + 3_000).toBe(true);
    }
    const site = await start();
    const head = await get(site, '/', { method: 'HEAD' });
    expect([await head.text(), Number(head.headers.get('content-length'))]).toEqual(['', Buffer.byteLength(await html(site, '/'))]);
    expect([(await get(site, '/', { method: 'POST' })).status, site.servedOf('/')]).toEqual([405, 3]);
  });

  it('is controlled over HTTP only when asked to', async () => {
    const site = await start({}, true);
    const post = async (path: string): Promise<unknown> => (await get(site, path, { method: 'POST' })).json();
    await html(site, '/');
    expect(await (await get(site, '/__served')).json()).toMatchObject({ requests: 1, byPath: { '/': 1 }, byStatus: { 200: 1 } });
    const { paths } = (await post('/__remove?share=0.5')) as { paths: string[] };
    expect(paths.toSorted()).toEqual(site.expected().gone.toSorted());
    const before = await html(site, '/');
    expect([await post('/__redesign?template=listing'), (await html(site, '/')) === before]).toEqual([{ paths: [] }, false]);
    await expect(post('/__change?share=2')).resolves.toMatchObject({ error: 'share must be from 0 to 1' });
    expect([(await get(site, '/__redesign?template=x', { method: 'POST' })).status, (await get(site, '/__x')).status]).toEqual([400, 404]);
    expect((await get(await start(), '/__served')).status).toBe(404);
  });

  it('refuses options out of range', async () => {
    await expect(startGeneratedSite({ seed: 1, pages: 0 })).rejects.toThrow(/pages must be from 1/);
    await expect(startGeneratedSite({ seed: 1, pages: 1, failShare: 2 })).rejects.toThrow(/failShare/);
  });
});
