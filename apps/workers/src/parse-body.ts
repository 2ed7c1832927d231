import type { PageBody } from '@gleaner/activities';
import type { Snapshot } from '@gleaner/domain';
import { type ParsedPage, parsePage } from '@gleaner/extraction';

/** Decodes and parses a body; plain text is read as one preformatted block. */
export function parseBody(body: PageBody): ParsedPage {
  const text = new TextDecoder(body.charset).decode(body.bytes);
  return parsePage(body.contentType === 'text/plain' ? asHtml(text) : text, body.url);
}

export function parseSnapshot({ charset, contentType, finalUrl }: Snapshot, bytes: Uint8Array): ParsedPage {
  return parseBody({ bytes, charset, contentType, url: finalUrl });
}

/** Markup characters of a plain text are text. */
function asHtml(text: string): string {
  return `<!doctype html><title></title><article><pre>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</pre></article>`;
}
