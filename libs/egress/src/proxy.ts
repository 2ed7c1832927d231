import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ErrorCode } from '@gleaner/domain';
import { type EgressTarget, targetKey, targetOf } from './allow-list.js';
import { type DialerOptions, createDialer } from './dialer.js';
import type { EgressPolicy } from './policy.js';
import { EGRESS_HEADER, type ForwardContext, forwardRequest, openTunnel } from './proxy-forward.js';

export interface EgressProxyOptions extends Omit<DialerOptions, 'policy'> {
  /** A tunnel or exchange that is silent this long is closed. Default 60 s. */
  readonly idleTimeoutMs?: number;
  /** Most client connections at once. Default 512. */
  readonly maxConnections?: number;
}

/** The forward proxy that a browser's whole traffic goes through. It listens on 127.0.0.1 and wants the credential. */
export interface EgressProxy {
  /** `http://127.0.0.1:PORT` */
  readonly server: string;
  readonly username: string;
  readonly password: string;
  /** Why the host and port of this URL were last not reached: BLOCKED_*, DNS_FAILED or CONNECT_FAILED; null when they were. */
  failureOf(url: URL): ErrorCode | null;
  close(): Promise<void>;
}

const MAX_HEADER_BYTES = 32_768;
const HEADERS_TIMEOUT_MS = 15_000;
const MAX_REMEMBERED = 1_000;
const USERNAME = 'gleaner';

/** How reaching each target failed last, bounded: a browser hides a refused tunnel's answer from its user, so it is remembered here. */
class FailureMemory {
  private readonly codes = new Map<string, ErrorCode>();

  note(target: EgressTarget, code: ErrorCode | null): void {
    const key = targetKey(target);
    this.codes.delete(key);
    if (code !== null) this.codes.set(key, code);
    const oldest = this.codes.keys().next();
    if (this.codes.size > MAX_REMEMBERED && oldest.done !== true) this.codes.delete(oldest.value);
  }

  get(url: URL): ErrorCode | null {
    return this.codes.get(targetKey(targetOf(url))) ?? null;
  }
}

function hasCredential(request: IncomingMessage, expected: Buffer): boolean {
  const given = Buffer.from(request.headers['proxy-authorization'] ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function serve(server: Server, expected: Buffer, context: ForwardContext): Set<Socket> {
  const tunnels = new Set<Socket>();
  server.on('request', (request, response) => {
    response.on('error', () => undefined); // the client went away: its exchange is destroyed by 'close'
    if (hasCredential(request, expected)) {
      void forwardRequest(request, response, context);
      return;
    }
    response.writeHead(407, { 'proxy-authenticate': 'Basic realm="gleaner"', [EGRESS_HEADER]: 'UNAUTHENTICATED' }).end();
  });
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    client.on('error', () => undefined); // the same: both ends of a tunnel are destroyed together
    tunnels.add(client);
    client.once('close', () => tunnels.delete(client));
    if (hasCredential(request, expected)) {
      void openTunnel(request.url ?? '', client, head, context);
      return;
    }
    client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="gleaner"\r\nconnection: close\r\n\r\n');
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return tunnels;
}

/**
 * Starts the proxy on a free port of 127.0.0.1. It takes absolute-form http requests and CONNECT, applies the policy to
 * each (its own port is refused always), resolves and dials itself, and answers what it refuses with 403 and EGRESS_HEADER.
 */
export async function createEgressProxy(policy: EgressPolicy, options: EgressProxyOptions = {}): Promise<EgressProxy> {
  const { idleTimeoutMs = 60_000, maxConnections = 512, ...dialing } = options;
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: 5_000 });
  server.maxConnections = maxConnections;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const password = randomBytes(24).toString('base64url');
  const expected = Buffer.from(`Basic ${Buffer.from(`${USERNAME}:${password}`).toString('base64')}`);
  const failures = new FailureMemory();
  const dial = createDialer({ policy: policy.withOwnPorts([port]), ...dialing });
  const tunnels = serve(server, expected, { dial, idleTimeoutMs, onReached: (target, code) => failures.note(target, code) });

  return {
    server: `http://127.0.0.1:${port}`,
    username: USERNAME,
    password,
    failureOf: (url) => failures.get(url),
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const client of tunnels) client.destroy();
      await closed;
    },
  };
}
