import { type IncomingMessage, type ServerResponse, STATUS_CODES, request as openRequest } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { type ErrorCode, Fault } from '@gleaner/domain';
import { type EgressTarget, parseAuthority, targetOf } from './allow-list.js';
import type { Dial } from './dialer.js';

/** Set on every answer that the proxy gives itself, with the code of the fault; never passed on from a site. */
export const EGRESS_HEADER = 'x-gleaner-egress';

/** Headers that belong to one connection (RFC 9110 §7.6.1), and what only the proxy may say. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-authorization',
  'proxy-authenticate',
  EGRESS_HEADER,
]);

export interface ForwardContext {
  readonly dial: Dial;
  readonly idleTimeoutMs: number;
  /** Tells how reaching a target ended: the code of the fault, or null when it was reached. */
  readonly onReached: (target: EgressTarget, code: ErrorCode | null) => void;
}

function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault('CONNECT_FAILED', { detail: 'the connection failed' });
}

function statusOf(fault: Fault): number {
  if (fault.code.startsWith('BLOCKED_')) return 403;
  return fault.code === 'FETCH_TIMEOUT' ? 504 : 502;
}

/** Pairs of name and value as they arrived, in order, without those of one hop and those that `connection` names. */
function endToEndHeaders(message: IncomingMessage): string[] {
  const named = new Set((message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const kept: string[] = [];
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    const name = message.rawHeaders[at] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_HEADERS.has(lower) && !named.has(lower)) kept.push(name, message.rawHeaders[at + 1] ?? '');
  }
  return kept;
}

function refuse(response: ServerResponse, fault: Fault): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .writeHead(statusOf(fault), { 'content-type': 'text/plain', [EGRESS_HEADER]: fault.code, connection: 'close' })
    .end(fault.message);
}

/** The URL of an absolute-form request; only http, https travels in tunnels. */
function requestUrl(request: IncomingMessage): URL {
  const text = request.url ?? '';
  if (!URL.canParse(text)) throw new Fault('BLOCKED_SCHEME', { detail: 'the proxy takes absolute http URLs and CONNECT' });
  const url = new URL(text);
  if (url.protocol !== 'http:') throw new Fault('BLOCKED_SCHEME', { detail: `the proxy does not forward ${url.protocol}` });
  return url;
}

async function dial(context: ForwardContext, target: EgressTarget): Promise<Socket> {
  try {
    const socket = await context.dial(target);
    context.onReached(target, null);
    return socket;
  } catch (error) {
    const fault = asFault(error);
    context.onReached(target, fault.code);
    throw fault;
  }
}

/** Forwards one absolute-form request over a connection of its own. */
export async function forwardRequest(request: IncomingMessage, response: ServerResponse, context: ForwardContext): Promise<void> {
  try {
    const url = requestUrl(request);
    const socket = await dial(context, targetOf(url));
    if (response.destroyed) socket.destroy();
    else exchange({ request, response, url, socket, context });
  } catch (error) {
    refuse(response, asFault(error));
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly socket: Socket;
  readonly context: ForwardContext;
}

function exchange({ request, response, url, socket, context }: Exchange): void {
  const outgoing = openRequest({
    createConnection: () => socket,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers: endToEndHeaders(request),
    setHost: false,
    maxHeaderSize: 32_768,
  });
  socket.setTimeout(context.idleTimeoutMs, () => socket.destroy());
  response.once('close', () => socket.destroy());
  outgoing.once('error', () => {
    context.onReached(targetOf(url), 'CONNECT_FAILED');
    refuse(response, asFault(null));
  });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', endToEndHeaders(answer));
    pipeline(answer, response, () => socket.destroy());
  });
  pipeline(request, outgoing, (error) => {
    if (error) socket.destroy();
  });
}

function answerTunnel(client: Socket, status: number, code: ErrorCode | null): void {
  const marker = code === null ? '' : `${EGRESS_HEADER}: ${code}\r\nconnection: close\r\n`;
  client.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${marker}\r\n`);
}

/** Opens a CONNECT tunnel: bytes both ways until either side ends or both are silent for too long. */
export async function openTunnel(authority: string, client: Socket, head: Buffer, context: ForwardContext): Promise<void> {
  try {
    const target = parseAuthority(authority);
    if (target === null || target.port === null) throw new Fault('BLOCKED_ADDRESS', { detail: 'CONNECT wants HOST:PORT' });
    const remote = await dial(context, { hostname: target.hostname, port: target.port });
    if (client.destroyed) {
      remote.destroy();
      return;
    }
    for (const side of [client, remote]) {
      side.setTimeout(context.idleTimeoutMs, () => side.destroy());
    }
    answerTunnel(client, 200, null);
    if (head.length > 0) remote.write(head);
    pipeline(client, remote, () => remote.destroy());
    pipeline(remote, client, () => client.destroy());
  } catch (error) {
    const fault = asFault(error);
    answerTunnel(client, statusOf(fault), fault.code);
    client.end();
  }
}
