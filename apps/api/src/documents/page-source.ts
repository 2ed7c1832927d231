/** Most characters of a page source in one answer. */
const MAX_SOURCE_CHARACTERS = 2_000_000;
/** Four bytes a character at most, so more bytes are never needed. */
const MAX_SOURCE_BYTES = MAX_SOURCE_CHARACTERS * 4;
/** Where a page may name its own encoding (HTML Living Standard §13.2.3.2). */
const PRESCAN_BYTES = 1_024;

export interface PageSource {
  readonly html: string;
  readonly truncated: boolean;
}

/** The text of a stored body. `charset` is the label it was read with; where none is kept, what the bytes say: mark, meta element, UTF-8. */
export function pageSource(bytes: Uint8Array, charset: string | null): PageSource {
  const head = bytes.subarray(0, MAX_SOURCE_BYTES);
  const text = decoderOf(charset ?? declaredCharset(head)).decode(head);
  return { html: text.slice(0, MAX_SOURCE_CHARACTERS), truncated: text.length > MAX_SOURCE_CHARACTERS || bytes.length > head.length };
}

function declaredCharset(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  const start = Buffer.from(bytes.subarray(0, PRESCAN_BYTES)).toString('latin1');
  return /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(start)?.[1] ?? 'utf-8';
}

function decoderOf(label: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder('utf-8'); // a label that the page invented
  }
}
