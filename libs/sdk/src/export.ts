import type { ExportFormat } from './crawl.js';
import type { Document } from './document.js';
import { GleanerUnreachable } from './errors.js';
import type { Transport } from './transport.js';

const TYPES: Readonly<Record<ExportFormat, string>> = { jsonl: 'application/x-ndjson', zip: 'application/zip' };

export interface ExportSettings {
  readonly path: string;
  readonly format: ExportFormat;
  readonly signal: AbortSignal | undefined;
  /** Longest silence after the first byte. */
  readonly idleTimeoutMs: number;
}

/** A document of an export, with the URL of its page in the ledger. */
export type ExportedDocument = Document & { readonly pageUrl: string };

/**
 * The bytes of an export, no faster than they are read; cancelling it ends the request. It errors with GleanerUnreachable when the answer
 * breaks off: what came until then is not the whole.
 */
export async function exportStream(
  transport: Transport,
  { path, format, signal, idleTimeoutMs }: ExportSettings,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const ending = new AbortController();
  const both = signal === undefined ? ending.signal : AbortSignal.any([ending.signal, signal]);
  const response = await transport.open({ path, headers: { accept: TYPES[format] }, signal: both });
  const reader = response.body?.getReader();
  const { url } = transport.settings;
  const silent = new GleanerUnreachable(url, `the export was silent for ${idleTimeoutMs} ms`);
  return new ReadableStream({
    pull: async (controller) => {
      const timer = setTimeout(() => ending.abort(silent), idleTimeoutMs);
      try {
        const next = await reader?.read();
        if (next === undefined || next.done) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        throw error === silent ? silent : new GleanerUnreachable(url, 'the export broke off: it is not complete', error);
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => ending.abort(reason),
  });
}

/** The documents of an export as they come. */
export async function* exportedDocuments(stream: Promise<ReadableStream<Uint8Array>>): AsyncGenerator<ExportedDocument, void, undefined> {
  const reader = (await stream).getReader();
  const decoder = new TextDecoder();
  /** Parts of a line whose end has not come. */
  let parts: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const [first = '', ...lines] = decoder.decode(value, { stream: true }).split('\n');
      parts.push(first);
      for (const line of lines) {
        yield JSON.parse(parts.join('')) as ExportedDocument;
        parts = [line];
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
