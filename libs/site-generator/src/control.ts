import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SiteChanges } from './generated-site.js';
import type { ServedLog } from './served-log.js';
import { TEMPLATES, type Template } from './site-options.js';

/**
 * Control from another process. `GET /__served` answers the counts; `POST /__reset` forgets them; `POST /__change?share=0.1`,
 * `POST /__remove?share=0.1`, `POST /__add?pages=10` answer `{"paths": […]}`; `POST /__redesign?template=article` (or without)
 * answers `{"paths": []}`; 400 for a bad value. None of it is counted.
 * @returns whether it was such a request.
 */
export function control(
  request: IncomingMessage,
  response: ServerResponse,
  { changes, log }: { readonly changes: SiteChanges; readonly log: ServedLog },
): boolean {
  const url = new URL(request.url ?? '/', 'http://control');
  if (!url.pathname.startsWith('/__')) return false;
  const answer = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  try {
    const result = perform(`${request.method} ${url.pathname}`, url.searchParams, { changes, log });
    if (result === undefined) answer(404, { error: 'no such control' });
    else answer(200, result);
  } catch (error) {
    answer(400, { error: error instanceof Error ? error.message : String(error) });
  }
  return true;
}

function perform(
  call: string,
  query: URLSearchParams,
  { changes, log }: { readonly changes: SiteChanges; readonly log: ServedLog },
): unknown {
  switch (call) {
    case 'GET /__served':
      return log.counts();
    case 'POST /__reset':
      log.reset();
      return { paths: [] };
    case 'POST /__change':
      return { paths: changes.change(Number(query.get('share'))) };
    case 'POST /__remove':
      return { paths: changes.remove(Number(query.get('share'))) };
    case 'POST /__add':
      return { paths: changes.add(Number(query.get('pages'))) };
    case 'POST /__redesign':
      changes.redesign(templateNamed(query.get('template')));
      return { paths: [] };
    default:
      return undefined;
  }
}

function templateNamed(name: string | null): Template | 'listing' | undefined {
  if (name === null || name === 'listing') return name ?? undefined;
  const template = TEMPLATES.find((known) => known === name);
  if (template === undefined) throw new RangeError(`template must be one of ${TEMPLATES.join(', ')}, listing`);
  return template;
}
