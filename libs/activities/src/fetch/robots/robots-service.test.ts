import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FetchBench, createFetchBench } from '../test-bench.js';
import { type LoopbackSite, startLoopbackSite } from '../test-ports.js';

type Answer = readonly [status: number, body?: string, headers?: Record<string, string>];

let answers: Record<string, Answer>;
let now: Date;
let site: LoopbackSite;
let canary: LoopbackSite;
let bench: FetchBench;

beforeEach(async () => {
  answers = {};
  now = new Date('2026-11-21T12:00:00Z');
  site = await startLoopbackSite((request, response) => {
    const [status, body = '', headers = {}] = answers[request.url ?? ''] ?? [404];
    response.writeHead(status, headers).end(body);
  });
  canary = await startLoopbackSite((_request, response) => response.end('User-agent: *\nDisallow: /'));
  bench = createFetchBench([site.address], { now: () => now });
});

afterEach(async () => {
  await bench.close();
  await site.close();
  await canary.close();
});

async function admit(path = '/page', signal = new AbortController().signal): Promise<number | string> {
  return await bench.robots.admit(new URL(path, site.origin), signal).catch((error: Error) => error.message);
}

/** The file has to be asked for again: neither the cache nor the process knows it any more. */
function forget(): void {
  bench.robotsCache.records.clear();
  now = new Date(now.getTime() + 61_000);
}

const CLOSED = /^robots\.txt of 127\.0\.0\.1:\d+ does not allow/;

describe('robots.txt of a site', () => {
  it('is asked for once a day, also by many at once', async () => {
    answers['/robots.txt'] = [200, 'User-agent: *\nCrawl-delay: 0.25\nDisallow: /private'];
    expect(await Promise.all(Array.from({ length: 10 }, () => admit()))).toEqual(Array.from({ length: 10 }, () => 250));
    expect(await admit('/private/x')).toMatch(CLOSED);
    expect(site.hits).toEqual(['/robots.txt']);
    now = new Date('2026-11-22T12:00:01Z');
    await admit();
    expect(site.hits.length).toBe(2);
  });

  it('that is not there allows everything', async () => {
    for (const status of [404, 403, 401]) {
      answers['/robots.txt'] = [status, 'User-agent: *\nDisallow: /'];
      forget();
      expect(await admit()).toBe(0);
    }
  });

  it('that fails closes the site for a short time, unless it was known', async () => {
    answers['/robots.txt'] = [503];
    expect(await admit()).toMatch(/answered 503/);
    now = new Date('2026-11-21T12:03:00Z');
    answers['/robots.txt'] = [200, 'User-agent: *\nDisallow: /private'];
    expect(await admit()).toBe(0);
    now = new Date('2026-11-22T12:04:00Z');
    answers['/robots.txt'] = [500];
    expect(await admit()).toBe(0);
    expect(await admit('/private')).toMatch(CLOSED);
  });

  it('may be five redirects away, but not six, and never at a private address', async () => {
    for (let hop = 0; hop < 7; hop++) answers[hop === 0 ? '/robots.txt' : `/r${hop}`] = [302, '', { location: `/r${hop + 1}` }];
    answers['/r5'] = [200, 'User-agent: *\nDisallow: /'];
    expect(await admit()).toMatch(CLOSED);
    forget();
    answers['/r5'] = [302, '', { location: '/r6' }];
    answers['/r6'] = [200, 'User-agent: *\nDisallow: /'];
    expect(await admit()).toBe(0);
    for (const location of [canary.origin, 'file:///etc/passwd', 'http://[', 'http://named.test/']) {
      forget();
      answers['/robots.txt'] = [302, '', { location }];
      expect(await admit()).toBe(0);
    }
    expect(canary.connections()).toBe(0);
  });

  it('is cut at 500 KiB and read when it is not valid', async () => {
    answers['/robots.txt'] = [200, `User-agent: *\nDisallow: /a\n${'#\n'.repeat(2_000_000)}Disallow: /b`];
    expect(await admit('/b')).toBe(0);
    expect(await admit('/a')).toMatch(CLOSED);
    forget();
    answers['/robots.txt'] = [200, 'nothing of a gzip', { 'content-encoding': 'gzip' }];
    expect(await admit('/a')).toBe(0);
  });

  it('does not make a site out of one that cannot be reached', async () => {
    await canary.close();
    await bench.close();
    bench = createFetchBench([canary.address]);
    await expect(bench.robots.admit(new URL(canary.origin), new AbortController().signal)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
    });
    expect(bench.robotsCache.records.size).toBe(0);
    canary = await startLoopbackSite((_request, response) => response.end());
  });

  it('ends the wait of who is cancelled', async () => {
    const controller = new AbortController();
    controller.abort(new Error('cancelled'));
    expect(await admit('/page', controller.signal)).toBe('cancelled');
    expect(site.hits).toEqual([]);
  });
});

describe('turns', () => {
  it('are taken by the interval of public hosts, of listed ones, and by Crawl-delay', async () => {
    answers['/robots.txt'] = [200, 'User-agent: *\nCrawl-delay: 1'];
    await bench.close();
    bench = createFetchBench([site.address], { hostIntervalMs: 700 });
    await bench.fetcher.fetch({ url: `${site.origin}/page`, fresh: false, signal: new AbortController().signal });
    expect(bench.gate.takes).toEqual([
      { host: site.address, intervalMs: 0, granted: true },
      { host: site.address, intervalMs: 1_000, granted: true },
    ]);
    await bench.turns.ofPage().take(new URL('http://example.com/'), 0, new AbortController().signal);
    expect(bench.gate.takes.at(-1)).toEqual({ host: 'example.com', intervalMs: 700, granted: true });
  });

  it('that are near are awaited, and can be cancelled; that are far are faults', async () => {
    const url = new URL('http://example.com/');
    const { signal } = new AbortController();
    await bench.turns.ofPage().take(url, 50, signal);
    await bench.turns.ofPage().take(url, 1_500, signal);
    expect(bench.gate.takes.map((take) => take.granted)).toEqual([true, false, true]);
    const controller = new AbortController();
    const waiting = bench.turns.ofPage().take(url, 5_000, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    await bench.gate.report(url.host, { ok: 0, throttled: 1, failed: 0, retryAfterMs: 9_000 });
    await expect(bench.turns.ofPage().take(url, 0, signal)).rejects.toMatchObject({
      code: 'HOST_BUSY',
      retryAfterMs: expect.any(Number) as number,
    });
  });

  it('let a page follow its redirects on a slow host, which a retry could not', async () => {
    answers = {
      '/robots.txt': [200, 'User-agent: *\nCrawl-delay: 3'],
      '/page': [302, '', { location: '/next' }],
      '/next': [200, 'text', { 'content-type': 'text/plain' }],
    };
    const outcome = await bench.fetcher.fetch({ url: `${site.origin}/page`, fresh: false, signal: new AbortController().signal });
    expect(outcome).toMatchObject({ kind: 'fetched' });
    expect(site.hits).toEqual(['/robots.txt', '/page', '/next']);
  });
});
