import { isUtf8 } from 'node:buffer';
import sniffEncoding from 'html-encoding-sniffer';
import { PageRefusal } from './refusal.js';

/** The standard asks for 1,024 bytes; browsers parse again when a later tag says otherwise, so more is looked at. */
const PRESCAN_BYTES = 8_192;
const UNDECLARED = 'undeclared';

function canDecode(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

/**
 * The label that decodes a body, by the WHATWG order: byte order mark, header, meta prescan (HTML) or declaration (XHTML).
 * Where nothing says so: UTF-8 when the bytes are valid as that, else windows-1252.
 */
export function charsetOf(bytes: Uint8Array, essence: string, headerCharset: string | null): string {
  const transport = headerCharset === null ? {} : { transportLayerEncodingLabel: headerCharset };
  const isXml = essence === 'application/xhtml+xml';
  const scan = isXml ? { xml: true } : { maxPrescanBytes: essence === 'text/plain' ? 0 : PRESCAN_BYTES };
  const name = sniffEncoding(bytes, { ...transport, ...scan, defaultEncoding: UNDECLARED }).toLowerCase();
  if (name === UNDECLARED) return isUtf8(bytes) ? 'utf-8' : 'windows-1252';
  // Encodings that let scripts hide in plain text are mapped to "replacement": nothing of the page can be read.
  if (name === 'replacement')
    throw new PageRefusal('UNSUPPORTED_ENCODING', `the character encoding ${headerCharset ?? 'of the page'} is not supported`);
  return canDecode(name) ? name : 'windows-1252';
}
