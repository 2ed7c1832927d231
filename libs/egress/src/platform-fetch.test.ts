import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardPlatformFetch } from './platform-fetch.js';
import { createEgressPolicy } from './policy.js';

const before = getGlobalDispatcher();
let server: Server;
let port = 0;
let requests = 0;

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    requests++;
    if (incoming.url === '/away') outgoing.writeHead(307, { location: `http://127.0.0.2:${port}/` });
    outgoing.end('here');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  setGlobalDispatcher(before);
  server.closeAllConnections();
  server.close();
});

describe('guardPlatformFetch', () => {
  it('refuses what the policy refuses, and where a redirect leads', async () => {
    guardPlatformFetch(createEgressPolicy({ allowPrivate: [] }));
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    expect(requests).toBe(0);
    guardPlatformFetch(createEgressPolicy({ allowPrivate: [`127.0.0.1:${port}`] }));
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
    await expect(fetch(`http://127.0.0.1:${port}/away`)).rejects.toThrow('fetch failed');
    expect(requests).toBe(2);
  });
});
