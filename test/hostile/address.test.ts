/** Cases 1 to 11, 15, 16 and 30 of the thirty: ways to an address that must not be reached, over HTTP and in the browser. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, TEXT, WAYS, type Way, expectUntouched, html, redirect, startStage } from './harness.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ allow: ['steady.test:PORT'] });
});
afterAll(async () => await stage[Symbol.asyncDispose]());
expectUntouched(() => stage);

const BLOCKED = 'blocked_address BLOCKED_ADDRESS';

/** Directly, by a redirect, and in the browser by a script too. */
async function refusals(way: Way, place: string): Promise<string[]> {
  stage.routes['/to'] = redirect(place);
  stage.routes['/script'] = html(`<p>${TEXT}</p><script>location = ${JSON.stringify(place)}</script>`);
  const urls = [place, '/to', ...(way === 'browser' ? ['/script'] : [])];
  const verdicts: string[] = [];
  for (const url of urls) verdicts.push(await stage.verdict(way, url));
  return [...new Set(verdicts)];
}

async function expectBlocked(way: Way, places: readonly string[]): Promise<void> {
  for (const place of places) expect([place, await refusals(way, place)]).toEqual([place, [BLOCKED]]);
}

describe.each(WAYS)('%s', (way) => {
  it('1 IPv4 spellings', async () => {
    const hosts = ['127.0.0.3', '127.3', '0x7f000003', '2130706435', '017700000003', '127.0.0.3.', '127.0.3', '0177.0.0.3'];
    await expectBlocked(
      way,
      hosts.map((host) => `http://${host}:${stage.canaryPort}/`),
    );
  });

  it('2 unspecified', async () => {
    await expectBlocked(
      way,
      ['0.0.0.0', '[::]', '0'].map((host) => `http://${host}:${stage.canaryPort}/`),
    );
  });

  it('3 v4-in-v6', async () => {
    const hosts = ['[::ffff:127.0.0.3]', '[::ffff:7f00:3]', '[::7f00:3]', '[64:ff9b::7f00:3]', '[2002:7f00:3::]', '[64:ff9b:1::7f00:3]'];
    await expectBlocked(
      way,
      hosts.map((host) => `http://${host}:${stage.canaryPort}/`),
    );
  });

  it('4 names', async () => {
    for (const name of ['localhost', 'localhost.', 'a.localhost', 'stub.test']) stage.names.set(name, [['127.0.0.3']]);
    await expectBlocked(
      way,
      ['localhost', 'LOCALHOST.', 'a.localhost', 'stub.test'].map((host) => `http://${host}:${stage.canaryPort}/`),
    );
    expect(JSON.stringify(await stage.open(way, `http://stub.test:${stage.canaryPort}/`))).not.toContain('127.0.0.');
  });

  it('5 mixed answers', async () => {
    stage.names.set('mixed.test', [['1.1.1.1', '127.0.0.3']]);
    stage.names.set('mixed-other.test', [['127.0.0.2', '127.0.0.3']]);
    await expectBlocked(
      way,
      ['mixed.test', 'mixed-other.test'].map((host) => `http://${host}:${stage.canaryPort}/`),
    );
  });

  it('6 AAAA only bad', async () => {
    stage.names.set('six.test', [['1.1.1.1', '::1']]);
    stage.names.set('mapped.test', [['1.1.1.1', '::ffff:127.0.0.3']]);
    await expectBlocked(
      way,
      ['six.test', 'mapped.test'].map((host) => `http://${host}:${stage.canaryPort}/`),
    );
  });

  it('7 DNS rebinding', async () => {
    stage.names.set('rebind.test', [['127.0.0.2'], ['127.0.0.3']]);
    await expectBlocked(way, [`http://rebind.test:${stage.canaryPort}/`]);
    // A name that the operator listed: each connection goes where its own one answer says.
    const port = stage.pub.address.split(':')[1];
    stage.names.set('steady.test', [['127.0.0.2']]);
    stage.routes['/page'] = html(`<p>${TEXT}</p>`);
    const before = stage.pub.connections();
    stage.questions.length = 0;
    expect(await stage.verdict(way, `http://steady.test:${port}/page`)).toBe(`fetched http://steady.test:${port}/page`);
    expect(stage.questions.length).toBe(stage.pub.connections() - before);
  });

  it('8 302 to internal', async () => {
    stage.routes['/a'] = redirect('/b');
    stage.routes['/b'] = redirect(`http://127.0.0.3:${stage.canaryPort}/latest/meta-data`);
    const outcome = await stage.open(way, '/a');
    expect(outcome).toMatchObject({
      kind: 'refused',
      code: 'BLOCKED_ADDRESS',
      detail: expect.stringContaining(`127.0.0.3:${stage.canaryPort}`) as string,
    });
    expect(stage.pub.hits).toEqual(expect.arrayContaining(['/a', '/b']));
  });

  it('9 redirect kinds', async () => {
    const to = `http://127.0.0.3:${stage.canaryPort}/`;
    for (const status of [301, 302, 303, 307, 308]) {
      stage.routes['/to'] = redirect(to, status);
      expect([status, await stage.verdict(way, '/to')]).toEqual([status, BLOCKED]);
    }
    stage.routes['/to'] = redirect(`//127.0.0.3:${stage.canaryPort}/`);
    expect(await stage.verdict(way, '/to')).toBe(BLOCKED);
    const documents = [
      html(`<p>${TEXT}`, { refresh: `0; url=${to}` }),
      html(`<meta http-equiv=refresh content="0; url=${to}"><p>${TEXT}`),
      html(`<p>${TEXT}<script>location.replace('${to}')</script>`),
      html(`<p>${TEXT}<script>document.write('<meta http-equiv=refresh content="0; url=${to}">')</script>`),
      html(`<p>${TEXT}<form action="${to}" method=post></form><script>document.forms[0].submit()</script>`),
    ];
    for (const document of documents) {
      stage.routes['/page'] = document;
      // Over HTTP they are a page that says something: nothing is followed.
      expect(await stage.verdict(way, '/page')).toBe(way === 'http' ? `fetched ${stage.pub.origin}/page` : BLOCKED);
    }
  });

  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.3/',
    'data:text/html,secret',
    'javascript:alert(1)',
    'gopher://127.0.0.3/',
    'blob:http://x/1',
  ])('10 scheme hop to %s', async (location) => {
    stage.routes['/to'] = redirect(location);
    expect(await stage.verdict(way, '/to')).toMatch(/^(blocked_address BLOCKED_SCHEME|redirect_invalid REDIRECT_INVALID)$/);
  });

  it('11 parser split', async () => {
    const { canaryPort, pub } = stage;
    const bad = [
      `http://127。0。0。3:${canaryPort}/`,
      `http://①②⑦.0.0.3:${canaryPort}/`,
      `http://127.0.0.\t3:${canaryPort}/`,
      `http://127.0\n.0.3:${canaryPort}/`,
    ];
    for (const place of bad) expect([place, await stage.verdict(way, place)]).toEqual([place, BLOCKED]);
    stage.routes['/to'] = redirect(`http://a@127.0.0.3:${canaryPort}/`);
    expect(await stage.verdict(way, '/to')).not.toMatch(/fetched/);
    // Who reads the backslash as part of the user name goes to the canary; the WHATWG host is `pub`.
    stage.routes[`/@127.0.0.3:${canaryPort}/`] = html(`<p>${TEXT}`);
    const split = `${pub.origin}\\@127.0.0.3:${canaryPort}/`;
    stage.routes['/to'] = redirect(split);
    for (const url of [split, '/to']) expect(await stage.verdict(way, url)).toBe(`fetched ${pub.origin}/@127.0.0.3:${canaryPort}/`);
  });

  it('15 port and self', async () => {
    for (const port of [22, 25, 6379]) {
      stage.names.set('public.test', [['1.1.1.1']]);
      expect(await stage.verdict(way, `http://public.test:${port}/`)).toBe('blocked_address BLOCKED_PORT');
      stage.routes['/to'] = redirect(`http://127.0.0.2:${port}/`);
      expect(await stage.verdict(way, '/to')).toMatch(/^blocked_address BLOCKED_(ADDRESS|PORT)$/);
    }
  });

  it('16 robots as SSRF', async () => {
    const robots = await startStage();
    robots.routes['/page'] = html(`<p>${TEXT}`);
    robots.routes['/robots.txt'] = redirect(`http://127.0.0.3:${robots.canaryPort}/robots.txt`);
    // RFC 9309: what cannot be reached closes the site, or opens it where it is not there: by policy, and never by a visit.
    expect(await robots.verdict(way, '/page')).toMatch(/^(robots ROBOTS_DISALLOWED|fetched |blocked_address)/);
    expect(robots.canary.connections()).toBe(0);
    await robots[Symbol.asyncDispose]();
  });

  it('30 error oracle', async () => {
    const answers = new Set<string>();
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const closed = (free.address() as AddressInfo).port;
    free.close();
    for (const target of [`127.0.0.3:${stage.canaryPort}`, `127.0.0.1:${closed}`, '10.255.255.1', '169.254.169.254']) {
      const { durationMs: _, ...outcome } = await stage.open(way, `http://${target}/`);
      answers.add(JSON.stringify(outcome).replaceAll(target, 'T').replace('T:80', 'T'));
    }
    for (const answer of [['127.0.0.3'], ['10.0.0.8'], ['::1']]) {
      stage.names.set('oracle.test', [answer]);
      const { durationMs: _, ...outcome } = await stage.open(way, 'http://oracle.test/');
      answers.add(JSON.stringify(outcome).replaceAll('oracle.test', 'T').replace('T:80', 'T'));
    }
    expect([...answers]).toHaveLength(1);
  });
});

describe('15 port and self', () => {
  it.each(WAYS)('the ports of this system are refused even when they are listed: %s', async (way) => {
    const own = createServer((_request, response) => response.end('internal')).listen(0, '127.0.0.1');
    let connections = 0;
    own.on('connection', () => connections++);
    await once(own, 'listening');
    const { port } = own.address() as AddressInfo;
    for (const environment of [
      { GLEANER_PORT: String(port) },
      { TEMPORAL_ADDRESS: `127.0.0.1:${port}` },
      { GLEANER_TEMPORAL_UI_URL: `http://127.0.0.1:${port}` },
      { DATABASE_URL: `postgresql://gleaner@127.0.0.1:${port}/gleaner` },
    ]) {
      const careless = await startStage({ environment, allow: [`127.0.0.1:${port}`, `localhost:${port}`, `me.test:${port}`] });
      careless.names.set('me.test', [['127.0.0.1']]);
      careless.names.set('localhost', [['127.0.0.1']]);
      for (const host of ['127.0.0.1', 'localhost', 'me.test'])
        expect(await careless.verdict(way, `http://${host}:${port}/`)).toBe('blocked_address BLOCKED_PORT');
      await careless[Symbol.asyncDispose]();
    }
    expect(connections).toBe(0);
    own.close();
  });
});
