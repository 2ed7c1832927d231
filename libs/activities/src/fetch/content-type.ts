import { MIMEType } from 'node:util';
import { PageRefusal } from './refusal.js';

/** What is turned into documents. */
const PAGE_TYPES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml', 'text/plain']);

/** How much of a body the sniffing looks at (WHATWG MIME Sniffing §5). */
export const SNIFFED_BYTES = 1_445;

/** First bytes of formats that are never a page, whatever the label says. */
const SIGNATURES: readonly (readonly [hex: string, essence: string, offset?: number])[] = [
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['474946383761', 'image/gif'],
  ['474946383961', 'image/gif'],
  ['57454250', 'image/webp', 8],
  ['255044462d', 'application/pdf'],
  ['504b0304', 'application/zip'],
  ['504b0506', 'application/zip'],
  ['1f8b08', 'application/gzip'],
  ['526172211a07', 'application/vnd.rar'],
  ['377abcaf271c', 'application/x-7z-compressed'],
  ['28b52ffd', 'application/zstd'],
  ['494433', 'audio/mpeg'],
  ['4f676753', 'application/ogg'],
  ['664c6143', 'audio/flac'],
  ['66747970', 'video/mp4', 4],
  ['1a45dfa3', 'video/webm'],
  ['0061736d', 'application/wasm'],
  ['7f454c46', 'application/x-elf'],
  ['4d5a90', 'application/x-msdownload'],
  ['774f4646', 'font/woff'],
  ['774f4632', 'font/woff2'],
  ['00000100', 'image/x-icon'],
  ['25215053', 'application/postscript'],
  ['d0cf11e0a1b11ae1', 'application/x-ole-storage'],
];

const HTML_START = /^[\t\n\f\r ]*<(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[\s>\-/]/i;

export interface DeclaredType {
  /** MIME essence, lower case; null when the header is absent or cannot be read. */
  readonly essence: string | null;
  readonly charset: string | null;
}

/** Reads a Content-Type header. */
export function parseContentType(header: string | null): DeclaredType {
  if (header === null) return { essence: null, charset: null };
  try {
    const type = new MIMEType(header.trim());
    return { essence: type.essence, charset: type.params.get('charset') };
  } catch {
    return { essence: null, charset: null }; // an unreadable label is no label: the body is sniffed
  }
}

function signatureOf(prefix: Buffer): string | null {
  const found = SIGNATURES.find(([hex, , offset = 0]) => prefix.subarray(offset, offset + hex.length / 2).toString('hex') === hex);
  return found?.[1] ?? null;
}

function hasMark(prefix: Buffer): boolean {
  return ['feff', 'fffe'].includes(prefix.subarray(0, 2).toString('hex')) || prefix.subarray(0, 3).toString('hex') === 'efbbbf';
}

/** WHATWG MIME Sniffing §3: bytes that no text has. */
function hasBinaryBytes(prefix: Buffer): boolean {
  return prefix.some((byte) => byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f));
}

function sniff(prefix: Buffer): string {
  const text = prefix.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  if (HTML_START.test(text)) return 'text/html';
  if (/^\s*<\?xml/.test(text)) return text.includes('http://www.w3.org/1999/xhtml') ? 'application/xhtml+xml' : 'text/xml';
  return hasMark(prefix) || !hasBinaryBytes(prefix) ? 'text/plain' : 'application/octet-stream';
}

function unsupported(essence: string, why = ''): PageRefusal {
  return new PageRefusal('UNSUPPORTED_CONTENT_TYPE', `the content type ${essence.slice(0, 100)} is not a page${why}`);
}

/** Refuses by the label alone, before the body is read. */
export function checkDeclaredType(declared: DeclaredType): void {
  if (declared.essence !== null && !PAGE_TYPES.has(declared.essence)) throw unsupported(declared.essence);
}

/**
 * The essence of a body by its label and first bytes (decoded, up to SNIFFED_BYTES). A label that lies about an image, an
 * archive or a document is not believed; a missing one is replaced by what the bytes look like.
 * Throws PageRefusal UNSUPPORTED_CONTENT_TYPE that names the type.
 */
export function pageType(declared: DeclaredType, prefix: Buffer): string {
  const signature = signatureOf(prefix);
  if (signature !== null) throw unsupported(signature, declared.essence === null ? '' : `, though it is labelled ${declared.essence}`);
  if (declared.essence === 'text/plain' && !hasMark(prefix) && hasBinaryBytes(prefix))
    throw unsupported('application/octet-stream', ', though it is labelled text/plain');
  const essence = declared.essence ?? sniff(prefix);
  checkDeclaredType({ essence, charset: null });
  return essence;
}
