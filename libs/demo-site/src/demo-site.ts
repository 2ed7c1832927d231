import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadContent } from './content.js';
import { type DemoPage, type Site, buildSite } from './resources.js';

export interface DemoSite {
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  /** `127.0.0.1:41234`: what `--allow` takes. */
  readonly address: string;
  readonly pages: readonly DemoPage[];
  stop(): Promise<void>;
}

/**
 * Serves the site that ships with Gleaner. `port` 0 picks a free one.
 * @throws the error of `listen`, EADDRINUSE for one.
 */
export async function startDemoSite({
  port = 0,
  host = '127.0.0.1',
}: { readonly port?: number; readonly host?: string } = {}): Promise<DemoSite> {
  const content = await loadContent();
  let site: Site | undefined;
  const server = createServer((request, response) => {
    if (site === undefined) response.writeHead(503, { 'retry-after': '1' }).end();
    else answer(site, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = `${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  site = buildSite(`http://${address}`, content);
  return {
    url: `http://${address}`,
    address,
    pages: site.pages,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(site: Site, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const path = (request.url ?? '/').replace(/[?#].*$/, '');
  const { status, contentType, body, etag, location } = site.resources.get(path) ?? site.notFound;
  if (status === 200 && isKnown(request.headers['if-none-match'], etag)) {
    response.writeHead(304, { etag, 'cache-control': 'no-cache' }).end();
    return;
  }
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
    ...(status === 200 ? { etag } : {}),
    ...(location === undefined ? {} : { location }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** If-None-Match by weak comparison, RFC 9110 §13.1.2. */
function isKnown(header: string | undefined, etag: string): boolean {
  return header !== undefined && (header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag));
}
