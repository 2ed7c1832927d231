import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { FetchOutcome } from '@gleaner/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PageRequest } from './page-fetcher.js';
import { type FetchBench, type FetchBenchOptions, createFetchBench } from './test-bench.js';
import { UNTRUSTED } from './test-certificate.js';
import { type LoopbackSite, startLoopbackSite } from './test-ports.js';

type Route = (request: IncomingMessage, response: ServerResponse) => void;

const PAGE = `<!doctype html><title>t</title><p>${'word '.repeat(100)}</p>`;
let routes: Record<string, Route>;
let site: LoopbackSite;
let canary: LoopbackSite;
let bench: FetchBench;

beforeEach(async () => {
  routes = { '/page': html(PAGE) };
  site = await startLoopbackSite((request, response) => {
    const route = routes[(request.url ?? '').split('?', 1)[0] ?? ''];
    if (route === undefined) response.writeHead(404).end();
    else route(request, response);
  });
  canary = await startLoopbackSite((_request, response) => response.end('secret'));
  bench = createFetchBench([site.address]);
});

afterEach(async () => {
  await bench.close();
  await site.close();
  await canary.close();
});

async function remake(options: FetchBenchOptions, allow = [site.address]): Promise<void> {
  await bench.close();
  bench = createFetchBench(allow, options);
}

function html(body: string | Buffer, headers: Record<string, string> = {}): Route {
  return (_request, response) => void response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(body);
}

function redirect(location: string, status = 302): Route {
  return (_request, response) => void response.writeHead(status, { location }).end();
}

function answer(status: number, headers: Record<string, string> = {}): Route {
  return (_request, response) => void response.writeHead(status, headers).end('no');
}

async function get(path: string, extra: Partial<PageRequest> = {}): Promise<FetchOutcome> {
  return await bench.fetcher.fetch({
    url: path.startsWith('/') ? site.origin + path : path,
    fresh: false,
    signal: new AbortController().signal,
    ...extra,
  });
}

async function refusal(path: string): Promise<string> {
  const outcome = await get(path);
  return outcome.kind === 'refused' ? `${outcome.reason} ${outcome.code}` : 'fetched';
}

async function bodyOf(path: string): Promise<string> {
  const outcome = await get(path);
  if (outcome.kind !== 'fetched') throw new Error(`${outcome.code} ${outcome.detail}`);
  return Buffer.from(await bench.blobs.get(outcome.snapshot.body.hash)).toString();
}

describe('a page', () => {
  it('comes with its facts, without cookies, and is remembered', async () => {
    let seen: IncomingMessage['headers'] = {};
    routes['/page'] = (request, response) => {
      seen = request.headers;
      html(PAGE, { etag: '"1"', 'set-cookie': 'a=b' })(request, response);
    };
    const outcome = await get('/page?utm_source=x#top');
    expect(outcome).toMatchObject({
      kind: 'fetched',
      notModified: false,
      snapshot: { status: 200, contentType: 'text/html', charset: 'utf-8', method: 'http', etag: '"1"', redirects: [] },
    });
    expect([...bench.snapshots.saved.keys()]).toEqual([`${site.origin}/page`]);
    expect(seen['user-agent']).toMatch(/^TestBot/);
    expect(seen.accept).toContain('text/html');
    expect(seen['accept-language']).toBeDefined();
    await get('/page');
    expect(seen.cookie).toBeUndefined();
  });

  it('is asked for conditionally, and fetched plainly when its body is gone or it is wanted fresh', async () => {
    routes['/page'] = (request, response) => {
      if (request.headers['if-none-match'] === '"v"') response.writeHead(304).end();
      else html(PAGE, { etag: '"v"' })(request, response);
    };
    routes['/old'] = redirect('/page', 301);
    await get('/page');
    expect(await get('/page')).toMatchObject({ notModified: true, snapshot: { status: 200, body: { bytes: PAGE.length } } });
    expect(await get('/page', { fresh: true })).toMatchObject({ notModified: false });
    await get('/old');
    expect(await get('/old')).toMatchObject({ notModified: true, snapshot: { finalUrl: `${site.origin}/page` } });
    bench.blobs.bodies.clear();
    expect(await get('/page')).toMatchObject({ notModified: false });
    expect(bench.blobs.bodies.size).toBe(1);
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows %i', async (status) => {
    routes['/a'] = redirect('/b', status);
    routes['/b'] = redirect('page', status);
    expect(await get('/a')).toMatchObject({
      snapshot: { url: `${site.origin}/a`, finalUrl: `${site.origin}/page`, redirects: [`${site.origin}/b`] },
    });
  });

  it('ends loops and long ways', async () => {
    routes['/loop'] = redirect('/loop');
    routes['/ping'] = redirect('/pong');
    routes['/pong'] = redirect('/ping');
    routes['/far'] = (request, response) => redirect(`/far?${Number((request.url ?? '').split('?')[1] ?? 0) + 1}`)(request, response);
    expect(await refusal('/loop')).toBe('redirect_limit REDIRECT_LIMIT');
    expect(await refusal('/ping')).toBe('redirect_limit REDIRECT_LIMIT');
    expect(await refusal('/far')).toBe('redirect_limit REDIRECT_LIMIT');
    expect(site.hits.filter((path) => path.startsWith('/far')).length).toBe(6);
  });

  it('refuses every way to a place that is not listed', async () => {
    const port = canary.address.split(':')[1];
    const places = [
      canary.origin,
      `//${canary.address}/`,
      `http://localhost:${port}/`,
      `http://127.1:${port}/`,
      `http://0x7f000001:${port}/`,
      `http://2130706433:${port}/`,
      `http://017700000001:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://[::ffff:7f00:1]:${port}/`,
      `http://[::1]:${port}/`,
      `http://0.0.0.0:${port}/`,
      `http://[::]:${port}/`,
      `http://127.0.0.1.:${port}/`,
      `http://①②⑦.0.0.1:${port}/`,
      'http://named.test/',
      'http://169.254.169.254/latest/',
    ];
    for (const place of places) {
      routes['/to'] = redirect(Buffer.from(place).toString('latin1'));
      expect(['to', place, await refusal('/to')]).toEqual(['to', place, 'blocked_address BLOCKED_ADDRESS']);
      expect([place, await refusal(place.replace(/^\/\//, 'http://'))]).toEqual([place, 'blocked_address BLOCKED_ADDRESS']);
    }
    expect(await refusal('http://1.1.1.1:22/')).toBe('blocked_address BLOCKED_PORT');
    for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'data:text/html,x', 'javascript:alert(1)', 'gopher://x/']) {
      routes['/to'] = redirect(location);
      expect([location, await refusal('/to')]).toEqual([location, 'blocked_address BLOCKED_SCHEME']);
    }
    for (const location of ['http://', 'http://a b/', `http://user:pw@${canary.address}/`, '']) {
      routes['/to'] = redirect(location);
      expect([location, await refusal('/to')]).toEqual([location, 'redirect_invalid REDIRECT_INVALID']);
    }
    routes['/to'] = redirect(`${site.origin}\\@${canary.address}/`);
    expect(await refusal('/to')).not.toBe('fetched');
    expect(canary.connections()).toBe(0);
  });

  it('does not tell what address a name has', async () => {
    expect(JSON.stringify(await get('http://named.test/'))).not.toMatch(/127\.0\.0\.1/);
  });

  it('asks the robots.txt of a new host first', async () => {
    const other = await startLoopbackSite(
      (request, response) =>
        void (request.url === '/robots.txt' ? response.end('User-agent: TestBot\nDisallow: /closed') : html(PAGE)(request, response)),
    );
    await remake({}, [site.address, other.address]);
    routes['/to'] = redirect(`${other.origin}/closed`);
    expect(await refusal('/to')).toBe('robots ROBOTS_DISALLOWED');
    expect(other.hits).toEqual(['/robots.txt']);
    await other.close();
  });
});

describe('content', () => {
  it.each([
    ['gzip', gzipSync(PAGE)],
    ['x-gzip', gzipSync(PAGE)],
    ['br', brotliCompressSync(PAGE)],
    ['deflate', deflateSync(PAGE)],
    ['deflate', deflateRawSync(PAGE)],
    ['zstd', zstdCompressSync(PAGE)],
    ['gzip, br', brotliCompressSync(gzipSync(PAGE))],
    ['gzip, gzip', gzipSync(gzipSync(PAGE))],
    ['identity', Buffer.from(PAGE)],
    ['deflate, gzip', gzipSync(deflateSync(PAGE))],
  ])('is decoded from %s', async (encoding, body) => {
    routes['/page'] = html(body, { 'content-encoding': encoding });
    expect(await bodyOf('/page')).toBe(PAGE);
  });

  it.each([
    ['gzip', Buffer.from(PAGE)],
    ['br', Buffer.from(PAGE)],
    ['zstd', Buffer.from(PAGE)],
    ['deflate', Buffer.from('x'.repeat(99))],
    ['gzip', gzipSync(PAGE).subarray(0, 40)],
    ['br', brotliCompressSync(PAGE).subarray(0, 30)],
    ['zstd', zstdCompressSync(PAGE).subarray(0, 30)],
    ['deflate', deflateSync(PAGE).subarray(0, 20)],
    ['gzip', Buffer.alloc(0)],
    ['compress', Buffer.from(PAGE)],
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(PAGE)))],
    ['gzip, br', gzipSync(PAGE)],
  ])('that is not what %s says is refused', async (encoding, body) => {
    routes['/page'] = html(body, { 'content-encoding': encoding });
    expect(await refusal('/page')).toBe('encoding UNSUPPORTED_ENCODING');
  });

  it('that swells when decoded is refused at the limit, in little memory', async () => {
    const zeros = Buffer.alloc(200 * 1024 * 1024, 32);
    const bombs: [string, Buffer][] = [
      ['gzip', gzipSync(zeros, { level: 1 })],
      ['br', brotliCompressSync(zeros, { params: { 1: 1 } })],
      ['zstd', zstdCompressSync(zeros)],
    ];
    bombs.push(['gzip, gzip', gzipSync(gzipSync(zeros, { level: 1 }))]);
    const before = process.memoryUsage.rss();
    for (const [encoding, body] of bombs) {
      routes['/page'] = html(body, { 'content-encoding': encoding });
      expect([encoding, await refusal('/page')]).toEqual([encoding, 'too_large TOO_LARGE']);
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('that is too large or never ends is refused at the limit', async () => {
    routes['/announced'] = (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': '1000000000000' }).flushHeaders();
    routes['/endless'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    };
    expect(await refusal('/announced')).toBe('too_large TOO_LARGE');
    expect(await refusal('/endless')).toBe('too_large TOO_LARGE');
    await expect.poll(() => site.openSockets.size).toBe(0);
  });

  it.each<[string, string | undefined, Buffer | string, string]>([
    ['a PNG called HTML', 'text/html', Buffer.from('89504e470d0a1a0a0000', 'hex'), 'image/png'],
    ['a PDF called HTML', 'text/html', '%PDF-1.7 x', 'application/pdf'],
    ['a PDF', 'application/pdf', '%PDF-1.4', 'application/pdf'],
    ['an image', 'image/png', 'x', 'image/png'],
    ['bytes', 'application/octet-stream', 'x', 'application/octet-stream'],
    ['bytes called text', 'text/plain', Buffer.from([0, 1, 2, 3]), 'application/octet-stream'],
    ['bytes without a name', undefined, Buffer.from([0, 1, 2, 3]), 'application/octet-stream'],
    ['XML without a name', undefined, '<?xml version="1.0"?><rss/>', 'text/xml'],
    ['a feed', 'application/rss+xml', '<rss/>', 'application/rss+xml'],
    ['a zip called XHTML', 'application/xhtml+xml', Buffer.from('504b030414', 'hex'), 'application/zip'],
  ])('that is no page is refused: %s', async (_what, type, body, named) => {
    routes['/page'] = (_request, response) => void response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body);
    expect(await get('/page')).toMatchObject({
      reason: 'content_type',
      code: 'UNSUPPORTED_CONTENT_TYPE',
      detail: expect.stringContaining(named) as string,
    });
  });

  it.each<[string | undefined, Buffer | string, string, string]>([
    ['text/html; charset=ISO-8859-1', Buffer.from('<p>café', 'latin1'), 'text/html', 'windows-1252'],
    ['TEXT/HTML;charset="utf-8"', '<p>é', 'text/html', 'utf-8'],
    ['text/html', '<meta charset=shift_jis><p>x', 'text/html', 'shift_jis'],
    ['text/html', '<meta http-equiv=content-type content="text/html; charset=koi8-r"><p>x', 'text/html', 'koi8-r'],
    ['text/html', Buffer.from('<p>caf\xe9', 'latin1'), 'text/html', 'windows-1252'],
    ['text/html; charset=iso-8859-1', Buffer.from('\ufeff<p>é'), 'text/html', 'utf-8'],
    ['text/html; charset=koi8-r', '<meta charset=shift_jis>', 'text/html', 'koi8-r'],
    ['text/html; charset=utf-7', '<p>+ADw-', 'text/html', 'utf-8'],
    ['text/html', `${' '.repeat(3_000)}<meta charset=koi8-r>`, 'text/html', 'koi8-r'],
    ['text/html', '<meta charset=utf-16le><p>x', 'text/html', 'utf-8'],
    ['text/html', Buffer.from('\ufeff<p>x', 'utf16le'), 'text/html', 'utf-16le'],
    ['application/xhtml+xml', '<?xml version="1.0" encoding="iso-8859-2"?><html/>', 'application/xhtml+xml', 'iso-8859-2'],
    ['text/plain', '<meta charset=koi8-r>', 'text/plain', 'utf-8'],
    [undefined, '  <!DOCTYPE html><p>x', 'text/html', 'utf-8'],
    ['nonsense', 'just words', 'text/plain', 'utf-8'],
    ['text/html', 'a\0b<p>c', 'text/html', 'utf-8'],
  ])('%s, %j: %s in %s', async (type, body, contentType, charset) => {
    routes['/page'] = (_request, response) => void response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body);
    expect(await get('/page')).toMatchObject({ snapshot: { contentType, charset } });
    expect(new TextDecoder(charset).encoding).toBe(charset);
  });

  it('in an encoding that hides scripts, or that is not there, is refused', async () => {
    routes['/page'] = html('x', { 'content-type': 'text/html; charset=iso-2022-kr' });
    expect(await refusal('/page')).toBe('encoding UNSUPPORTED_ENCODING');
    routes['/page'] = html('');
    expect(await refusal('/page')).toBe('empty EMPTY_CONTENT');
  });
});

describe('failures', () => {
  it.each([
    [404, 'http_404 HTTP_404'],
    [410, 'http_404 HTTP_404'],
    [403, 'http_error HTTP_CLIENT_ERROR'],
    [401, 'http_error HTTP_CLIENT_ERROR'],
    [451, 'http_error HTTP_CLIENT_ERROR'],
    [304, 'http_error HTTP_CLIENT_ERROR'],
    [204, 'empty EMPTY_CONTENT'],
  ])('%i is an outcome', async (status, expected) => {
    routes['/page'] = answer(status);
    expect(await refusal('/page')).toBe(expected);
    expect(await get('/page')).toMatchObject({ status, detail: expect.stringContaining(String(status)) as string });
  });

  it('5xx and 429 are faults, and hold the host back as they ask', async () => {
    routes['/page'] = answer(500);
    await expect(get('/page')).rejects.toMatchObject({ code: 'HTTP_SERVER_ERROR', retryable: true, retryAfterMs: undefined });
    expect(bench.gate.pauses).toEqual([]);
    routes['/page'] = answer(503, { 'retry-after': '1' });
    await expect(get('/page')).rejects.toMatchObject({ code: 'HTTP_SERVER_ERROR', retryAfterMs: 1_000 });
    routes['/page'] = answer(429, { 'retry-after': '99999999999' });
    await expect(get('/page')).rejects.toMatchObject({ code: 'RATE_LIMITED_BY_SITE', retryAfterMs: 600_000 });
    expect(bench.gate.pauses.map((pause) => pause.forMs)).toEqual([1_000, 600_000]);
    await expect(get('/page')).rejects.toMatchObject({ code: 'HOST_BUSY', retryable: true });
  });

  it('tell the budget of the host what they are, and a cancellation nothing', async () => {
    routes['/old'] = redirect('/page');
    routes['/sick'] = answer(500);
    routes['/busy'] = answer(503);
    routes['/later'] = answer(503, { 'retry-after': '0' });
    routes['/often'] = answer(429);
    routes['/reset'] = (request) => void request.socket.destroy();
    routes['/bytes'] = html('x', { 'content-type': 'image/png' });
    routes['/silent'] = () => undefined;
    const told = async (path: string, signal?: AbortSignal): Promise<string[]> => {
      bench.gate.reports.length = 0;
      await get(path, signal === undefined ? {} : { signal }).catch((error: unknown) => error);
      return bench.gate.reports.map(({ ok, throttled, failed }) => `${ok}${throttled}${failed}`);
    };
    expect(await told('/page')).toEqual(['100', '100']); // robots.txt as well
    expect(await told('/old')).toEqual(['100', '100']);
    for (const path of ['/missing', '/bytes']) expect(await told(path)).toEqual(['100']);
    for (const path of ['/later', '/often']) expect(await told(path)).toEqual(['010']);
    for (const path of ['/sick', '/busy', '/reset']) expect(await told(path)).toEqual(['001']);
    const controller = new AbortController();
    const silent = told('/silent', controller.signal);
    await expect.poll(() => site.hits).toContain('/silent');
    controller.abort();
    expect(await silent).toEqual([]);
    expect(bench.gate.pauses.map(({ forMs }) => forMs)).toEqual([0]); // only where the site said how long
  });

  it('Retry-After may be a date', async () => {
    await remake({ now: () => new Date('2026-11-21T12:00:00Z') });
    routes['/page'] = answer(503, { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' });
    await expect(get('/page')).rejects.toMatchObject({ code: 'HTTP_SERVER_ERROR', retryAfterMs: 30_000 });
  });

  it('a certificate that nobody trusts is an outcome', async () => {
    const secure = createSecureServer(UNTRUSTED, (_request, response) => response.end('secret')).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const address = `127.0.0.1:${(secure.address() as AddressInfo).port}`;
    await remake({}, [address]);
    expect(await refusal(`https://${address}/`)).toBe('tls TLS_FAILED');
    secure.close();
  });

  it('broken exchanges are retryable faults', async () => {
    routes['/reset'] = (request) => void request.socket.destroy();
    routes['/short'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': '1000' }).write('half');
      setImmediate(() => response.destroy());
    };
    routes['/nonsense'] = (request) => void request.socket.end('hello\r\n\r\n');
    for (const path of ['/reset', '/short', '/nonsense'])
      await expect(get(path)).rejects.toMatchObject({ code: 'CONNECT_FAILED', retryable: true });
    routes['/headers'] = (_request, response) => void response.writeHead(200, { 'x-long': 'x'.repeat(60_000) }).end();
    expect(await refusal('/headers')).toBe('too_large TOO_LARGE');
    await canary.close();
    await remake({}, [canary.address]);
    await expect(get(`${canary.origin}/`)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    canary = await startLoopbackSite((_request, response) => response.end());
  });

  it.each(['/silent', '/slow-headers', '/drip', '/short-of-a-terabyte'])('%s ends at the one deadline', async (path) => {
    await remake({ timeoutMs: 400, maxPageBytes: 10 ** 13 });
    await get('/page'); // robots.txt is known from here on
    routes['/silent'] = () => undefined;
    routes['/slow-headers'] = (request) => void request.socket.write('HTTP/1.1 200 OK\r\nX-A');
    routes['/drip'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    };
    routes['/short-of-a-terabyte'] = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/html', 'content-length': '1000000000000' }).write('x');
    await expect(get(path)).rejects.toMatchObject({ code: 'FETCH_TIMEOUT', retryable: true });
    await expect.poll(() => site.openSockets.size).toBeLessThanOrEqual(1);
  });

  it('a cancellation reaches the socket and keeps its reason', async () => {
    let isClosed = false;
    routes['/silent'] = (request) => void request.socket.once('close', () => (isClosed = true));
    const controller = new AbortController();
    const fetching = get('/silent', { signal: controller.signal });
    await expect.poll(() => site.hits).toContain('/silent');
    controller.abort(new Error('cancelled by the user'));
    await expect(fetching).rejects.toThrow('cancelled by the user');
    await expect.poll(() => isClosed).toBe(true);
  });
});
