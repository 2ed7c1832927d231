import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync } from 'node:zlib';
import type { FetchOutcome } from '@gleaner/domain';
import { type EgressProxy, createEgressProxy } from '@gleaner/egress';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FetchBench, createFetchBench } from '../fetch/test-bench.js';
import { UNTRUSTED } from '../fetch/test-certificate.js';
import { type LoopbackSite, startLoopbackSite } from '../fetch/test-ports.js';
import { type Browser, createBrowser } from './browser.js';
import { type PageRenderer, type PageRendererDeps, createPageRenderer } from './page-renderer.js';
import { testChromium } from './test-browser.js';

type Route = (request: IncomingMessage, response: ServerResponse) => void;

const executablePath = await testChromium();
const TEXT = 'words of the page '.repeat(30);
let routes: Record<string, Route>;
let site: LoopbackSite;
let other: LoopbackSite;
let canary: LoopbackSite;
let bench: FetchBench;
let proxy: EgressProxy;
let browser: Browser;
let renderer: PageRenderer;

beforeAll(async () => {
  site = await startLoopbackSite((request, response) => {
    const route = routes[(request.url ?? '').split('?', 1)[0] ?? ''];
    if (route === undefined) response.writeHead(404).end();
    else route(request, response);
  });
  other = await startLoopbackSite(
    (request, response) =>
      void (request.url === '/robots.txt' ? response.end('User-agent: *\nDisallow: /closed') : html(`<p>${TEXT}`)(request, response)),
  );
  canary = await startLoopbackSite((_request, response) =>
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/html' }).end('secret of the canary'),
  );
  bench = createFetchBench([site.address, other.address]);
  proxy = await createEgressProxy(bench.policy, { resolver: async () => ['127.0.0.1'] });
  browser = createBrowser({ executablePath, proxy, userAgent: bench.userAgent });
});

beforeEach(() => {
  routes = { '/page': html(`<title>t</title><p>${TEXT}`) };
  site.hits.length = 0;
  other.hits.length = 0;
  renderer = make();
});

afterEach(() => {
  if (canary.connections() > 0) throw new Error(`the canary was reached: ${canary.hits.join(' ')}`);
});

afterAll(async () => {
  await browser.close();
  await proxy.close();
  await bench.close();
  await Promise.all([site, other, canary].map((server) => server.close()));
});

function make(extra: Partial<PageRendererDeps> = {}): PageRenderer {
  return createPageRenderer({ ...bench, browser, proxy, timeoutMs: 20_000, ...extra });
}

function html(body: string, headers: Record<string, string> = {}): Route {
  return (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(`<!doctype html><body>${body}`);
}

function redirect(location: string, status = 302): Route {
  return (_request, response) => void response.writeHead(status, { location }).end();
}

async function render(path: string, signal = new AbortController().signal): Promise<FetchOutcome> {
  return await renderer.render({ url: path.startsWith('/') ? site.origin + path : path, signal });
}

async function refusal(path: string): Promise<string> {
  const outcome = await render(path);
  return outcome.kind === 'refused' ? `${outcome.reason} ${outcome.code}` : `fetched ${outcome.snapshot.finalUrl}`;
}

async function content(path: string): Promise<string> {
  const outcome = await render(path);
  if (outcome.kind !== 'fetched') throw new Error(`${outcome.code} ${outcome.detail}`);
  return Buffer.from(await bench.blobs.get(outcome.snapshot.body.hash)).toString();
}

describe('without a browser', () => {
  it('the outcome says what to do', async () => {
    const none = createBrowser({ executablePath: null, proxy, userAgent: 'x' });
    renderer = make({ browser: none });
    expect(await render('/page')).toMatchObject({
      kind: 'refused',
      reason: 'browser_unavailable',
      code: 'BROWSER_UNAVAILABLE',
      detail: expect.stringContaining('CHROMIUM_PATH') as string,
    });
    await none.close();
  });

  it('one that does not start is a fault', async () => {
    const broken = createBrowser({ executablePath: '/nonexistent/chromium', proxy, userAgent: 'x' });
    renderer = make({ browser: broken });
    await expect(render('/page')).rejects.toMatchObject({ code: 'BROWSER_FAILED' });
    await broken.close();
  });
});

describe.runIf(executablePath !== null)('a page in the browser', () => {
  it('comes as the scripts left it', async () => {
    let agent: string | undefined;
    routes['/app'] = (request, response) => {
      agent = request.headers['user-agent'];
      html(
        `<div id=root></div><script>setTimeout(() => { document.getElementById('root').innerHTML = '<p>built by a script, café. </p>'.repeat(20) }, 150)</script>`,
      )(request, response);
    };
    const outcome = await render('/app?utm_source=x#top');
    expect(outcome).toMatchObject({
      kind: 'fetched',
      snapshot: {
        status: 200,
        method: 'browser',
        charset: 'utf-8',
        contentType: 'text/html',
        finalUrl: `${site.origin}/app?utm_source=x`,
        redirects: [],
      },
    });
    expect(await content('/app')).toContain('<p>built by a script, café. </p>');
    expect(bench.snapshots.saved.get(`${site.origin}/app`)).toMatchObject({ method: 'browser' });
    expect(agent).toBe(bench.userAgent);
  });

  it('keeps what the server sent beside what the scripts made of it', async () => {
    routes['/page'] = html('<p id="p">served é</p><script>document.getElementById("p").textContent = "made by a script"</script>');
    const outcome = await render('/page');
    if (outcome.kind !== 'fetched') throw new Error(outcome.reason);
    const { body, served } = outcome.snapshot;
    const textOf = async (hash = ''): Promise<string> => new TextDecoder().decode(await bench.blobs.get(hash));
    expect(await textOf(body.hash)).toContain('made by a script</p>');
    expect(await textOf(served?.body.hash)).toContain('served é</p>');
    expect(served?.charset).toBe('utf-8');
  });

  it('waits for what the page still loads', async () => {
    routes['/data'] = (_request, response) => void setTimeout(() => response.end('loaded later'), 700);
    routes['/app'] = html(
      `<p>${TEXT}</p><script>fetch('/data').then((answer) => answer.text()).then((text) => document.body.append(text))</script>`,
    );
    expect(await content('/app')).toContain('loaded later</body>');
  });

  it('is followed through redirects of both kinds', async () => {
    routes['/a'] = redirect('/b', 301);
    routes['/b'] = redirect('/c');
    routes['/c'] = html(`<script>location = '/page'</script>`);
    expect(await render('/a')).toMatchObject({
      snapshot: { finalUrl: `${site.origin}/page`, redirects: [`${site.origin}/b`, `${site.origin}/c`] },
    });
    routes['/loop'] = redirect('/loop');
    expect(await refusal('/loop')).toBe('redirect_limit REDIRECT_LIMIT');
    routes['/hop'] = (request, response) => redirect(`/hop?${Number((request.url ?? '').split('?')[1] ?? 0) + 1}`)(request, response);
    expect(await refusal('/hop')).toBe('redirect_limit REDIRECT_LIMIT');
  });

  it('obeys robots.txt, also that of the host it is sent to', async () => {
    expect(await refusal(`${other.origin}/closed`)).toBe('robots ROBOTS_DISALLOWED');
    routes['/to'] = redirect(`${other.origin}/closed`);
    expect(await refusal('/to')).toBe('robots ROBOTS_DISALLOWED');
    expect(other.hits).toEqual(['/robots.txt']);
    routes['/to'] = redirect(`${other.origin}/open`);
    expect(await refusal('/to')).toBe(`fetched ${other.origin}/open`);
  });

  it.each([
    [404, 'http_404 HTTP_404'],
    [410, 'http_404 HTTP_404'],
    [403, 'http_error HTTP_CLIENT_ERROR'],
    [204, 'empty EMPTY_CONTENT'],
  ])('%i is an outcome', async (status, expected) => {
    routes['/status'] = (_request, response) => void response.writeHead(status, { 'content-type': 'text/html' }).end('<p>no');
    expect(await refusal('/status')).toBe(expected);
  });

  it('500 and 503 are faults', async () => {
    routes['/status'] = (_request, response) => void response.writeHead(500, { 'content-type': 'text/html' }).end('<p>no');
    await expect(render('/status')).rejects.toMatchObject({ code: 'HTTP_SERVER_ERROR' });
    routes['/status'] = (_request, response) => void response.writeHead(503, { 'retry-after': '0' }).end('busy');
    await expect(render('/status')).rejects.toMatchObject({ code: 'HTTP_SERVER_ERROR', retryAfterMs: 0 });
  });

  it('that is no page, or too large, is refused', async () => {
    for (const type of ['application/pdf', 'image/png', 'application/zip', 'application/json']) {
      routes['/file'] = (_request, response) => void response.writeHead(200, { 'content-type': type }).end('%PDF-1.4 x');
      expect(await render('/file')).toMatchObject({ reason: 'content_type', detail: expect.stringContaining(type) as string });
    }
    routes['/file'] = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/html', 'content-disposition': 'attachment' }).end('x');
    expect(await refusal('/file')).toBe('content_type UNSUPPORTED_CONTENT_TYPE');
    routes['/large'] = html(`<p></p><script>document.querySelector('p').textContent = 'x'.repeat(2_000_000)</script>`);
    expect(await refusal('/large')).toBe('too_large TOO_LARGE');
    routes['/bomb'] = (_request, response) =>
      void response
        .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'br' })
        .end(brotliCompressSync(Buffer.alloc(50_000_000), { params: { 1: 1 } }));
    expect(await refusal('/bomb')).toBe('too_large TOO_LARGE');
    routes['/data'] = (_request, response) => void response.writeHead(200).end(Buffer.alloc(2_000_000));
    routes['/greedy'] = html(
      `<p>${TEXT}</p><script>for (let i = 0; i < 20; i++) fetch('/data?' + i).then((answer) => answer.text())</script>`,
    );
    expect(await refusal('/greedy')).toBe('too_large TOO_LARGE');
  });

  it('with a certificate that nobody trusts is an outcome', async () => {
    const secure = createSecureServer(UNTRUSTED, (_request, response) => response.end('secret')).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const address = `127.0.0.1:${(secure.address() as AddressInfo).port}`;
    const listed = createFetchBench([address]);
    const tunnel = await createEgressProxy(listed.policy);
    const own = createBrowser({ executablePath, proxy: tunnel, userAgent: 'TestBot' });
    // robots.txt would meet the certificate first: here the browser has to.
    renderer = make({ browser: own, proxy: tunnel, policy: listed.policy, robots: { admit: async () => 0, sitemaps: async () => [] } });
    expect(await refusal(`https://${address}/`)).toBe('tls TLS_FAILED');
    await own.close();
    await tunnel.close();
    await listed.close();
    secure.close();
  });

  it('that breaks off is a fault', async () => {
    routes['/reset'] = (request) => void request.socket.destroy();
    await expect(render('/reset')).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    expect(bench.gate.reports.at(-1)).toMatchObject({ ok: 0, failed: 1 });
  });
});

describe.runIf(executablePath !== null)('time', () => {
  it.each(['/silent', '/endless', '/busy'])('%s ends at the deadline', async (path) => {
    renderer = make({ timeoutMs: 1_500 });
    routes['/silent'] = () => undefined;
    routes['/busy'] = html(`<p>${TEXT}</p><script>for (;;);</script>`);
    routes['/endless'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const timer = setInterval(() => response.write('<p>more</p>'), 50);
      response.on('close', () => clearInterval(timer));
    };
    await expect(render(path)).rejects.toMatchObject({ code: 'FETCH_TIMEOUT' });
    renderer = make();
    expect(await refusal('/page')).toBe(`fetched ${site.origin}/page`);
  });

  it('a cancellation closes the page at once', async () => {
    let isClosed = false;
    routes['/silent'] = (request) => void request.socket.once('close', () => (isClosed = true));
    const controller = new AbortController();
    const rendering = render('/silent', controller.signal);
    await expect.poll(() => site.hits, { timeout: 10_000 }).toContain('/silent');
    controller.abort(new Error('cancelled by the user'));
    await expect(rendering).rejects.toThrow('cancelled by the user');
    await expect.poll(() => isClosed).toBe(true);
  });
});

describe.runIf(executablePath !== null)('a private target', () => {
  it('is refused however the page gets there', async () => {
    const port = canary.address.split(':')[1];
    const places = [
      canary.origin,
      `http://localhost:${port}/`,
      `http://2130706433:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://0.0.0.0:${port}/`,
      `http://[::1]:${port}/`,
      'http://named.test/',
      'https://named.test/',
      `${proxy.server}/`,
    ];
    for (const place of places) {
      expect([place, await refusal(place)]).toEqual([place, 'blocked_address BLOCKED_ADDRESS']);
      routes['/to'] = redirect(place);
      expect(['to', place, await refusal('/to')]).toEqual(['to', place, 'blocked_address BLOCKED_ADDRESS']);
    }
    for (const status of [301, 303, 307, 308]) {
      routes['/to'] = redirect(canary.origin, status);
      expect([status, await refusal('/to')]).toEqual([status, 'blocked_address BLOCKED_ADDRESS']);
    }
    const ways = [
      html(`<script>location = '${canary.origin}/'</script>`),
      html('', { refresh: `0; url=${canary.origin}/` }),
      html(`<meta http-equiv=refresh content="0; url=${canary.origin}/">`),
      html(`<form action="${canary.origin}/" method=post></form><script>document.forms[0].submit()</script>`),
    ];
    for (const way of ways) {
      routes['/to'] = way;
      expect(await refusal('/to')).toBe('blocked_address BLOCKED_ADDRESS');
    }
  });

  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'data:text/html,x',
    'javascript:alert(1)',
    'chrome://version',
    'view-source:http://127.0.0.1/',
  ])('a redirect to %s is refused', async (location) => {
    routes['/to'] = redirect(location);
    expect(await refusal('/to')).toMatch(/^(blocked_address BLOCKED_SCHEME|redirect_invalid REDIRECT_INVALID)$/);
  });

  it('is out of reach for everything a page can ask for', async () => {
    renderer = make({ skippedResources: [] });
    for (const name of ['img', 'css', 'frame', 'fetch']) routes[`/302-${name}`] = redirect(`${canary.origin}/${name}`);
    routes['/worker.js'] = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/javascript' }).end(`fetch('${canary.origin}/worker').catch(() => {})`);
    routes['/all'] = html(`<p>${TEXT}</p>
      <img src="${canary.origin}/img"><img src="/302-img"><iframe src="${canary.origin}/frame"></iframe><iframe src="/302-frame"></iframe><object data="${canary.origin}/object"></object>
      <link rel=stylesheet href="${canary.origin}/css"><link rel=stylesheet href="/302-css"><link rel=prefetch href="${canary.origin}/prefetch"><link rel=preconnect href="${canary.origin}"><link rel=dns-prefetch href="//${canary.address}">
      <style>p { background: url(${canary.origin}/background) } @import url(${canary.origin}/import);</style><video src="${canary.origin}/video"></video><script src="${canary.origin}/script"></script>
      <script>
        const swallow = () => {};
        fetch('${canary.origin}/fetch').catch(swallow); fetch('${canary.origin}/no-cors', { mode: 'no-cors' }).catch(swallow); fetch('/302-fetch').catch(swallow);
        const xhr = new XMLHttpRequest(); xhr.open('GET', '${canary.origin}/xhr'); xhr.send();
        navigator.sendBeacon('${canary.origin}/beacon'); new EventSource('${canary.origin}/events'); new WebSocket('ws://${canary.address}/socket'); new Worker('/worker.js');
        window.open('${canary.origin}/popup'); const link = document.createElement('a'); link.href = '${canary.origin}/blank'; link.target = '_blank'; document.body.append(link); link.click();
        navigator.serviceWorker?.register('/worker.js').catch(swallow);
        import('${canary.origin}/module').catch(swallow);
      </script>`);
    const page = await content('/all');
    expect(page).toContain('words of the page');
    expect(page).not.toContain('secret of the canary');
    for (const name of ['img', 'css', 'frame', 'fetch']) expect(site.hits).toContain(`/302-${name}`);
    expect(canary.hits).toEqual([]);
  });

  it('is refused by what it is: a listed one is reached in the same ways', async () => {
    renderer = make({ skippedResources: [] });
    routes['/all'] = html(`<p>${TEXT}</p><img src="${other.origin}/img"><iframe src="${other.origin}/frame"></iframe><script>
      fetch('${other.origin}/fetch', { mode: 'no-cors' }); navigator.sendBeacon('${other.origin}/beacon'); new WebSocket('ws://${other.address}/socket'); window.open('${other.origin}/popup');</script>`);
    expect(await refusal('/all')).toContain('fetched');
    expect(other.hits).toEqual(expect.arrayContaining(['/img', '/frame', '/fetch', '/beacon', '/socket']));
  });

  it('sees no datagram of WebRTC', async () => {
    const stun = createSocket('udp4').bind(0, '127.0.0.1');
    await once(stun, 'listening');
    let packets = 0;
    stun.on('message', () => packets++);
    const url = `127.0.0.1:${stun.address().port}`;
    routes['/rtc'] = html(`<p>${TEXT}</p><script>(async () => {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:${url}' }, { urls: 'turn:${url}?transport=udp', username: 'a', credential: 'b' }] });
      peer.createDataChannel('x'); await peer.setLocalDescription(await peer.createOffer());
      await new Promise((resolve) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve(); setTimeout(resolve, 3000); });
      document.body.append('gathered ' + peer.iceGatheringState);
    })().catch((error) => document.body.append('gathered ' + error))</script>`);
    expect(await content('/rtc')).toContain('gathered');
    expect(packets).toBe(0);
    stun.close();
  });
});

/** Process ids of everything that was started from the browser's executable. */
function browserProcesses(): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(proxy.server);
    } catch {
      return false;
    }
  });
}

describe.runIf(executablePath !== null && process.platform === 'linux')('the process', () => {
  it('is started again after it died, and ends with close', async () => {
    const own = createBrowser({ executablePath, proxy, userAgent: bench.userAgent });
    renderer = make({ browser: own });
    const before = new Set(browserProcesses());
    expect(await refusal('/page')).toContain('fetched');
    const started = browserProcesses()
      .filter((id) => !before.has(id))
      .map(Number);
    expect(started.length).toBeGreaterThan(0);
    process.kill(Math.min(...started), 'SIGKILL');
    await expect
      .poll(async () => await refusal('/page').catch((error: unknown) => String(error)), { timeout: 15_000 })
      .toContain('fetched');
    await own.close();
    await expect.poll(() => browserProcesses().filter((id) => !before.has(id)), { timeout: 10_000 }).toEqual([]);
    await expect(render('/page')).rejects.toMatchObject({ code: 'BROWSER_FAILED' });
  });
});
