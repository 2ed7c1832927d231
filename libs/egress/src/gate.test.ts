import { once } from 'node:events';
import { type Server, createServer, request as openRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Fault } from '@gleaner/domain';
import { type Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEgressAgent } from './agent.js';
import { type EgressPolicy, createEgressPolicy } from './policy.js';
import { type EgressProxy, createEgressProxy } from './proxy.js';

let site: Server;
let hits = 0;
let port = 0;
let policy: EgressPolicy;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  hits = 0;
  site = createServer((incoming, answer) => {
    hits++;
    answer
      .writeHead(200, { 'x-gleaner-egress': 'FORGED', 'x-path': incoming.url ?? '', 'x-seen': Object.keys(incoming.headers).join(' ') })
      .end('hello');
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  port = (site.address() as AddressInfo).port;
  policy = createEgressPolicy({ allowPrivate: [`127.0.0.1:${port}`, `named.test:${port}`] });
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  site.closeAllConnections();
  site.close();
});

function agentOf(resolver: (name: string) => Promise<readonly string[]>): Agent {
  const agent = createEgressAgent(policy, { resolver });
  closing.push(() => agent.destroy());
  return agent;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'allowed',
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );
}

describe('createEgressAgent', () => {
  it('reaches what is listed exactly and nothing beside it', async () => {
    const agent = agentOf(async () => ['127.0.0.1']);
    const get = (origin: string): Promise<string> => codeOf(request(`${origin}/`, { dispatcher: agent }).then(({ body }) => body.text()));
    expect(await get(`http://127.0.0.1:${port}`)).toBe('allowed');
    expect(await get(`http://named.test:${port}`)).toBe('allowed');
    expect(hits).toBe(2);
    for (const host of ['localhost', '127.0.0.2', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '[::]'])
      expect(await get(`http://${host}:${port}`)).toBe('BLOCKED_ADDRESS');
    expect(await get(`http://other.test:${port}`)).toBe('BLOCKED_PORT');
    expect(await get('http://other.test')).toBe('BLOCKED_ADDRESS');
    expect(await get('https://other.test')).toBe('BLOCKED_ADDRESS');
    expect(hits).toBe(2);
  });

  it('dials the checked answers and resolves once a connection', async () => {
    let lookups = 0;
    const agent = agentOf(async () => (++lookups === 1 ? ['127.0.0.1'] : ['127.0.0.3']));
    const { body } = await request(`http://named.test:${port}/`, { dispatcher: agent });
    expect(await body.text()).toBe('hello');
    expect(lookups).toBe(1);
  });

  it('says that a name or a connection failed, without an address', async () => {
    const unknown = agentOf(async () => Promise.reject(new Error('ENOTFOUND 10.0.0.1')));
    await expect(request('http://nowhere.test/', { dispatcher: unknown })).rejects.toMatchObject({
      code: 'DNS_FAILED',
      message: 'the name nowhere.test cannot be resolved',
    });
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const closedPort = (free.address() as AddressInfo).port;
    free.close();
    policy = createEgressPolicy({ allowPrivate: [`gone.test:${closedPort}`] });
    await expect(request(`http://gone.test:${closedPort}/`, { dispatcher: agentOf(async () => ['127.0.0.1']) })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: `the connection to gone.test:${closedPort} failed (ECONNREFUSED)`,
    });
  });
});

async function startProxy(): Promise<EgressProxy> {
  const proxy = await createEgressProxy(policy, { resolver: async () => ['127.0.0.1'] });
  closing.push(() => proxy.close());
  return proxy;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

function through(proxy: EgressProxy, url: string, password = proxy.password): Promise<Answer> {
  const credential = Buffer.from(`${proxy.username}:${password}`).toString('base64');
  const { hostname, port: proxyPort } = new URL(proxy.server);
  return new Promise((resolve, reject) => {
    const outgoing = openRequest({
      hostname,
      port: proxyPort,
      path: url,
      headers: { host: 'x', 'proxy-authorization': `Basic ${credential}`, connection: 'x-hop', 'x-hop': '1' },
      agent: false,
    });
    outgoing.once('error', reject).once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.end();
  });
}

/** First bytes that the proxy answers to a raw CONNECT, then to what is sent through the tunnel. */
async function tunnel(proxy: EgressProxy, authority: string, inside = ''): Promise<string> {
  const credential = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
  const socket = connect(Number(new URL(proxy.server).port), '127.0.0.1');
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: Basic ${credential}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) {
    const isFirst = text === '';
    text += String(chunk);
    if (isFirst && inside !== '') socket.write(inside);
  }
  return text;
}

describe('createEgressProxy', () => {
  it('forwards what is listed, with end-to-end headers only', async () => {
    const answer = await through(await startProxy(), `http://127.0.0.1:${port}/a?b=c`);
    expect(answer).toMatchObject({ status: 200, text: 'hello', headers: { 'x-path': '/a?b=c' } });
    expect(answer.headers['x-gleaner-egress']).toBeUndefined();
    expect(answer.headers['x-seen']).not.toMatch(/proxy-authorization|x-hop/);
  });

  it('refuses everything else with a marker and remembers it', async () => {
    const proxy = await startProxy();
    const own = new URL(proxy.server).port;
    for (const url of [
      `http://localhost:${port}/`,
      'http://127.0.0.3/',
      'http://[::1]/',
      `http://127.0.0.1:${own}/`,
      'http://rebound.test/',
    ]) {
      const answer = await through(proxy, url);
      expect(answer.status).toBe(403);
      expect(answer.headers['x-gleaner-egress']).toMatch(/^BLOCKED_/);
      expect(proxy.failureOf(new URL(url))).toMatch(/^BLOCKED_/);
    }
    expect((await through(proxy, 'ftp://127.0.0.1/')).headers['x-gleaner-egress']).toBe('BLOCKED_SCHEME');
    expect((await through(proxy, '/direct')).status).toBe(403);
    expect(proxy.failureOf(new URL(`http://127.0.0.1:${port}/`))).toBeNull();
    expect(hits).toBe(0);
  });

  it('wants its credential', async () => {
    const proxy = await startProxy();
    expect((await through(proxy, `http://127.0.0.1:${port}/`, 'guess')).status).toBe(407);
    expect(hits).toBe(0);
  });

  it('tunnels to what is listed and refuses the rest', async () => {
    const proxy = await startProxy();
    expect(await tunnel(proxy, `127.0.0.1:${port}`, 'GET /t HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200[\s\S]*hello/,
    );
    expect(hits).toBe(1);
    const own = new URL(proxy.server).port;
    for (const authority of [
      `localhost:${port}`,
      '127.0.0.3:443',
      'rebound.test:443',
      `127.0.0.1:${own}`,
      'nonsense',
      '[::1]:443',
      'x.test:22',
    ]) {
      expect(await tunnel(proxy, authority)).toMatch(/^HTTP\/1\.1 403[\s\S]*x-gleaner-egress: BLOCKED_/);
    }
    expect(proxy.failureOf(new URL('https://rebound.test/page'))).toBe('BLOCKED_ADDRESS');
    expect(hits).toBe(1);
  });

  it('closes with open tunnels', async () => {
    const proxy = await createEgressProxy(policy);
    const credential = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
    const socket = connect(Number(new URL(proxy.server).port), '127.0.0.1');
    socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nProxy-Authorization: Basic ${credential}\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    const ended = once(socket, 'close');
    await proxy.close();
    await ended;
    await proxy.close();
    expect(socket.destroyed).toBe(true);
  });
});
