import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WireRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WireAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Parts that are sent one after another. */
  readonly parts: readonly string[];
  /** `close`: the answer is complete. `cut`: the connection breaks. `hang`: nothing more comes. */
  readonly end: 'close' | 'cut' | 'hang';
}

/** A provider on loopback. */
export interface Wire {
  readonly url: string;
  readonly requests: readonly WireRequest[];
  /** Resolved when so many connections were closed by the client before their answer ended. */
  abandoned(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Answers each request by `answer`, which sees the requests before it; counts all of them. */
export async function startWire(answer: (request: WireRequest, index: number) => WireAnswer): Promise<Wire> {
  const requests: WireRequest[] = [];
  const closed = new EventTarget();
  const abandoned: string[] = [];
  const server = createServer((incoming, outgoing) => {
    outgoing.on('close', () => {
      if (outgoing.writableFinished) return;
      abandoned.push(incoming.url ?? '');
      closed.dispatchEvent(new Event('abandoned'));
    });
    void serve(incoming, outgoing);
  });
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request: WireRequest = { path: incoming.url ?? '', headers: incoming.headers, body: await bodyOf(incoming) };
    requests.push(request);
    send(outgoing, answer(request, requests.length - 1));
  };
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async abandoned(count) {
      for (;;) {
        if (abandoned.length >= count) return;
        await once(closed, 'abandoned');
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  return { status, headers, parts: [JSON.stringify(value)], end: 'close' };
}

/** Server-sent events, one part each. */
export function events(values: readonly (string | object)[], end: WireAnswer['end'] = 'close'): WireAnswer {
  const parts = values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  return { headers: { 'content-type': 'text/event-stream' }, parts, end };
}

/** A JSON answer of which the second half is missing; its length says nothing of that. */
export function truncated(value: unknown): WireAnswer {
  const text = JSON.stringify(value);
  return { parts: [text.slice(0, text.length / 2)], end: 'close' };
}

export const silence: WireAnswer = { parts: [], end: 'hang' };

async function bodyOf(incoming: IncomingMessage): Promise<WireRequest['body']> {
  let text = '';
  for await (const part of incoming.setEncoding('utf8')) text += String(part);
  return JSON.parse(text) as WireRequest['body'];
}

function send(outgoing: ServerResponse, { status = 200, headers = {}, parts, end }: WireAnswer): void {
  if (end === 'hang' && parts.length === 0) return;
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  for (const part of parts) outgoing.write(part);
  if (end === 'close') outgoing.end();
  // Whatever was written is on its way before the connection breaks.
  else if (end === 'cut') outgoing.write(' ', () => outgoing.destroy());
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
