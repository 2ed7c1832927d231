/** Cases 12 to 14 of the thirty, and what else a page can try in a browser: nothing leaves, nothing hangs, nothing stays behind. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, TEXT, executablePath, expectUntouched, html, redirect, startStage } from './harness.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ environment: { GLEANER_RENDER_TIMEOUT_MS: '8000' } });
});
afterAll(async () => await stage[Symbol.asyncDispose]());
if (executablePath !== null) expectUntouched(() => stage, 'browser');

const script = (code: string) => html(`<!doctype html><title>t</title><p>${TEXT}</p><script>${code}</script>`);

describe.runIf(executablePath !== null)('browser', () => {
  it('12 browser subresources', async () => {
    const to = stage.canary.origin;
    stage.routes['/all'] =
      html(`<!doctype html><p>${TEXT}</p><img src="${to}/img"><img srcset="${to}/set 2x"><iframe src="${to}/frame"></iframe>
      <iframe srcdoc="<img src='${to}/inner'><script>fetch('${to}/inner')</script>"></iframe><object data="${to}/object"></object><embed src="${to}/embed">
      <link rel=stylesheet href="${to}/css"><link rel=prefetch href="${to}/prefetch"><link rel=prerender href="${to}/prerender"><link rel=preload as=script href="${to}/preload">
      <link rel=modulepreload href="${to}/modulepreload"><link rel=manifest href="${to}/manifest"><link rel=icon href="${to}/icon"><a ping="${to}/ping" href="#x" id=p>x</a>
      <style>p { background: url(${to}/background) } @import url(${to}/import); @font-face { font-family: f; src: url(${to}/font) } p { font-family: f }</style>
      <video src="${to}/video" poster="${to}/poster"></video><audio src="${to}/audio"></audio><script src="${to}/script"></script><svg><image href="${to}/svg"/><use href="${to}/use#a"/></svg>
      <script type=speculationrules>{"prerender":[{"source":"list","urls":["${to}/speculated"]}],"prefetch":[{"source":"list","urls":["${to}/speculated"]}]}</script>
      <script>
        const swallow = () => {};
        fetch('${to}/fetch').catch(swallow); fetch('${to}/no-cors', { mode: 'no-cors', keepalive: true }).catch(swallow);
        const xhr = new XMLHttpRequest(); xhr.open('GET', '${to}/xhr'); xhr.send();
        navigator.sendBeacon('${to}/beacon'); new EventSource('${to}/events'); document.getElementById('p').click();
        new Worker(URL.createObjectURL(new Blob(["fetch('${to}/worker').catch(() => {}); new WebSocket('ws://${stage.canary.address}/worker')"])));
        try { new SharedWorker(URL.createObjectURL(new Blob(["fetch('${to}/shared').catch(() => {})"]))); } catch {}
        import('${to}/module').catch(swallow);
      </script>`);
    expect(await stage.content('browser', '/all')).not.toContain('secret of the canary');
  });

  it('13 browser leaks of route()', async () => {
    const to = stage.canary.origin;
    for (const name of ['img', 'frame', 'fetch']) stage.routes[`/302-${name}`] = redirect(`${to}/${name}`);
    stage.routes['/worker.js'] = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'text/javascript' }).end(`self.oninstall = () => fetch('${to}/service')`);
    stage.routes['/all'] = script(`
      document.body.insertAdjacentHTML('beforeend', '<img src=/302-img><iframe src=/302-frame></iframe>');
      fetch('/302-fetch').catch(() => {});
      for (const scheme of ['ws', 'wss']) new WebSocket(scheme + '://${stage.canary.address}/socket');
      try { new WebTransport('https://${stage.canary.address}/transport'); } catch {}
      window.open('${to}/popup'); window.open('about:blank')?.document.write('<img src="${to}/in-popup">');
      navigator.serviceWorker?.register('/worker.js').catch(() => {});`);
    let verdict = 'fault BROWSER_FAILED';
    // A popup that is closed while it loads can take a young browser with it: a fault, which is tried again like any other.
    for (let tries = 0; tries < 3 && verdict === 'fault BROWSER_FAILED'; tries++) verdict = await stage.verdict('browser', '/all');
    expect(verdict).toBe(`fetched ${stage.pub.origin}/all`);
    expect(stage.pub.hits).toEqual(expect.arrayContaining(['/302-frame', '/302-fetch']));
  });

  it('14 WebRTC and DNS prefetch', async () => {
    const stun = createSocket('udp4').bind(0, '127.0.0.3');
    await once(stun, 'listening');
    let packets = 0;
    stun.on('message', () => packets++);
    const url = `127.0.0.3:${stun.address().port}`;
    stage.questions.length = 0;
    stage.routes['/rtc'] = script(`(async () => {
      document.head.insertAdjacentHTML('beforeend', '<link rel=dns-prefetch href="//leak.test"><link rel=preconnect href="http://leak.test">');
      const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:${url}' }, { urls: 'turn:${url}?transport=udp', username: 'a', credential: 'b' }] });
      peer.createDataChannel('x'); await peer.setLocalDescription(await peer.createOffer());
      await new Promise((resolve) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve(); setTimeout(resolve, 2000); });
      document.body.append('gathered');
    })().catch(() => document.body.append('gathered'))`);
    expect(await stage.content('browser', '/rtc')).toContain('gathered');
    expect(packets).toBe(0);
    stun.close();
  });

  /** Each is a page that never leaves one alone: it is read as it is, or given up at the deadline; the browser serves on (afterEach). */
  it.each<[string, string, string]>([
    ['dialogs without end', `setInterval(() => { alert(1); confirm(2); prompt(3); })`, 'any'],
    ['a dialog in a loop', `for (let n = 0; n < 200; n++) { alert(n); confirm(n); prompt(n); }`, 'fetched'],
    [
      'beforeunload',
      `onbeforeunload = (event) => { event.preventDefault(); return 'stay'; }; setTimeout(() => { location = '/good'; }, 50)`,
      'any',
    ],
    ['a loop without end', `for (;;);`, 'fault FETCH_TIMEOUT'],
    ['a loop after it was shown', `setTimeout(() => { for (;;); }, 300)`, 'fault FETCH_TIMEOUT'],
    ['a loop of microtasks', `const again = () => Promise.resolve().then(again); again()`, 'fault FETCH_TIMEOUT'],
    [
      'a popup storm',
      `setInterval(() => { for (let n = 0; n < 20; n++) window.open('about:blank', '_blank' + Math.random()); }, 10)`,
      'any',
    ],
    [
      'pushState without end',
      `let n = 0; setInterval(() => { for (let m = 0; m < 50; m++) history.pushState({}, '', '/push' + n++); })`,
      'any',
    ],
    ['reloads without end', `location.reload()`, 'redirect_limit REDIRECT_LIMIT'],
    ['back and forth', `setInterval(() => { history.back(); history.forward(); location.hash = Math.random(); }, 5)`, 'any'],
    ['printing', `print(); setInterval(print, 10)`, 'any'],
    [
      'permissions',
      `navigator.geolocation?.getCurrentPosition(() => {}); Notification?.requestPermission(); navigator.mediaDevices?.getUserMedia({ audio: true, video: true }).catch(() => {}); navigator.clipboard?.readText().catch(() => {}); navigator.usb?.requestDevice({ filters: [] }).catch(() => {})`,
      'fetched',
    ],
    ['a growing page', `setInterval(() => { for (let n = 0; n < 1000; n++) document.body.append('more and more words '); })`, 'any'],
    [
      'full screen and pointer lock',
      `document.body.requestFullscreen?.().catch(() => {}); document.body.requestPointerLock?.()`,
      'fetched',
    ],
  ])('is not held by %s', async (_what, code, expected) => {
    stage.routes['/page'] = script(code);
    stage.routes['/good'] = html(`<p>${TEXT}</p>`);
    const verdict = await stage.verdict('browser', '/page');
    const anything = /^(fetched http:|fault (FETCH_TIMEOUT|BROWSER_FAILED)$|too_large|redirect_limit|blocked_address BLOCKED_SCHEME$)/;
    expect(verdict).toMatch(expected === 'any' ? anything : new RegExp(`^${expected}`));
  });

  it.each([
    [
      'a huge canvas',
      `const c = document.createElement('canvas'); c.width = c.height = 30000; c.getContext('2d')?.fillRect(0, 0, 30000, 30000)`,
    ],
    [
      'memory',
      `const kept = []; const more = () => { for (let n = 0; n < 20; n++) kept.push(new Array(1e6).fill(n)); setTimeout(more); }; more()`,
    ],
    ['a long string', `let text = 'x'; try { for (;;) text += text; } catch {} document.title = String(text.length)`],
  ])('does not take the worker with %s', async (_what, code) => {
    stage.routes['/page'] = script(code);
    expect(await stage.verdict('browser', '/page')).toMatch(/^(fetched|fault (FETCH_TIMEOUT|BROWSER_FAILED)$)/);
  });

  it.each(['file:///etc/passwd', 'chrome://version', 'view-source:http://127.0.0.3/', 'about:blank', 'javascript:document.write("x")'])(
    'does not show what a script navigates to: %s',
    async (place) => {
      stage.routes['/page'] = script(`try { location.href = ${JSON.stringify(place)} } catch {}; window.open(${JSON.stringify(place)})`);
      const outcome = await stage.open('browser', '/page').catch((error: unknown) => String(error));
      expect(JSON.stringify(outcome)).not.toMatch(/"finalUrl":"(file|chrome|view-source)/);
      for (const bytes of stage.blobs.bodies.values())
        expect(Buffer.from(bytes).toString()).not.toMatch(/root:.*:0:0|Chromium version|secret of the canary/);
    },
  );

  it.each([
    ['data', `location.href = 'data:text/html,<p>' + 'from data '.repeat(50)`],
    ['blob', `location.href = URL.createObjectURL(new Blob(['<p>' + 'from a blob '.repeat(50)], { type: 'text/html' }))`],
  ])('takes no document from a %s URL', async (scheme, code) => {
    stage.routes['/page'] = script(code);
    const outcome = await stage.open('browser', '/page').catch(() => null);
    const final = outcome?.kind === 'fetched' ? outcome.snapshot.finalUrl : `${stage.pub.origin}/page`;
    expect(final).toBe(`${stage.pub.origin}/page`);
    for (const bytes of stage.blobs.bodies.values()) expect(Buffer.from(bytes).toString()).not.toMatch(`<p>from a? ?${scheme}`);
  });

  it('takes no downloads, and no frames within frames without end', async () => {
    stage.routes['/file'] = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename=x.zip' }).end('PK');
    stage.routes['/page'] = script(
      `for (let n = 0; n < 10; n++) { const a = document.createElement('a'); a.href = '/file?' + n; a.download = 'x' + n; document.body.append(a); a.click(); }`,
    );
    expect(await stage.verdict('browser', '/page')).toMatch(/^(fetched|content_type|redirect_limit)/);
    let frames = 0;
    stage.routes['/frame'] = (_request, response) =>
      html(`<p>${TEXT}</p><iframe src="/frame?${frames++}"></iframe><iframe src="/frame?${frames++}"></iframe>`)(_request, response);
    expect(await stage.verdict('browser', '/frame')).toMatch(/^(fetched|fault FETCH_TIMEOUT|too_large)/);
  });

  it('opens each page in a context of its own', async () => {
    const cookies: (string | undefined)[] = [];
    stage.routes['/state'] = (request, response) => {
      cookies.push(request.headers.cookie);
      html(
        `<p>${TEXT}</p><p id=seen></p><script>document.getElementById('seen').textContent = 'seen ' + (localStorage.getItem('a') ?? 'nothing') + ' ' + document.cookie; localStorage.setItem('a', 'before'); document.cookie = 'a=before'</script>`,
        { 'set-cookie': 'b=before' },
      )(request, response);
    };
    for (let n = 0; n < 2; n++) expect(await stage.content('browser', '/state')).toMatch(/seen nothing (b=before)?</);
    expect(cookies).toEqual([undefined, undefined]);
  });
});
