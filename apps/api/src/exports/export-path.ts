import { createHash } from 'node:crypto';

const MAX_SEGMENT_BYTES = 80;
const MAX_PATH_BYTES = 220;
/** Names that Windows keeps for devices, whatever their extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
/** What no file system must see: controls, what Windows forbids, and invisible marks that turn text around. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}<>:"/\\|?*]/gu;
const PAGE_EXTENSION = /\.(html?|xhtml|php|aspx?|jsp|md)$/i;

/**
 * Where a page lies in an export, from its URL alone: `HOST/PATH/index.md` for a folder, `HOST/PATH/name.md` for a page; at most 220
 * bytes. Every part is a plain name on every file system: none is `.` or `..`, hidden, a device or a path of its own. A part that had to be
 * changed or cut carries a piece of the SHA-256 of what it was. Two URLs can still have one path (`/a` and `/a.html`).
 */
export function exportPath(url: URL): string {
  const host = plainName(url.host.replace(':', '_'), url.host);
  const parts = url.pathname.slice(1).split('/');
  const last = parts.pop() ?? '';
  const folders = parts.map((part) => folderName(decoded(part), part));
  const name = fileName(last, url.search);
  const path = [host, ...folders, name].join('/');
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  const end = name
    .slice(0, -3)
    .slice(-40)
    .replace(/^[^\p{L}\p{N}]+/u, '');
  return `${host}/_long/${[mark(url.pathname + url.search), end].join('-').replace(/-$/, '')}.md`;
}

function fileName(last: string, search: string): string {
  const name = last === '' ? 'index' : decoded(last).replace(PAGE_EXTENSION, '');
  const query = search === '' ? '' : `~${decoded(search.slice(1))}`;
  return `${plainName(name + query, last + search)}.md`;
}

/** A folder never looks like a page: a file of the same name may lie beside it. */
function folderName(name: string, original: string): string {
  const plain = plainName(name, original);
  return plain.toLowerCase().endsWith('.md') ? `${plain}_` : plain;
}

function plainName(name: string, original: string): string {
  const composed = name.normalize('NFC');
  let plain = composed
    .replaceAll(FORBIDDEN, '_')
    .replace(/^[.\s~]+/, '_')
    .replace(/[.\s]+$/, '_');
  if (plain === '' || DEVICE.test(plain)) plain = `_${plain}`;
  if (plain === composed && Buffer.byteLength(plain) <= MAX_SEGMENT_BYTES) return plain;
  return `${cut(plain, MAX_SEGMENT_BYTES - 9).trimEnd()}-${mark(original)}`;
}

/** The longest beginning of whole characters that has at most `bytes` bytes. */
function cut(text: string, bytes: number): string {
  let kept = '';
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    kept += character;
  }
  return kept;
}

function mark(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone % is legal in a URL
  }
}
