import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';

/** A file of an archive. `path` uses `/` and is relative. */
export interface ZipEntry {
  readonly path: string;
  readonly modifiedAt: Date;
  readonly content: AsyncIterable<string> | Iterable<string>;
}

const LOCAL_HEADER = 0x0403_4b50;
const DESCRIPTOR = 0x0807_4b50;
const CENTRAL_HEADER = 0x0201_4b50;
const END = 0x0605_4b50;
const END_64 = 0x0606_4b50;
const LOCATOR_64 = 0x0706_4b50;
/** Sizes follow the data (bit 3); names are UTF-8 (bit 11). */
const FLAGS = 0x0808;
const DEFLATE = 8;
const VERSION = 20;
const VERSION_64 = 45;
const UNIX = 3 << 8;
const REGULAR_FILE = 0o100644;
/** Takes a few milliseconds. */
const MAX_AT_ONCE_BYTES = 256 * 1_024;
const MAX_32 = 0xffff_ffff;
const MAX_16 = 0xffff;

interface Written {
  readonly name: Buffer;
  readonly time: number;
  readonly offset: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly bytes: number;
}

/**
 * A ZIP archive (PKWARE APPNOTE 6.3.10) as it grows: one file at a time is compressed, and no faster than the reader takes it. What
 * stays in memory is the directory, 46 bytes and the path for each file. Archives above 4 GiB or 65,534 files get the 64-bit records
 * that they need. Throws RangeError for a single file above 4 GiB.
 */
export async function* zipFile(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Buffer, void, undefined> {
  /** As text with one character a byte: a small Buffer keeps the whole slab that it was cut from. */
  const directory: string[] = [];
  let offset = 0;
  for await (const { path, modifiedAt, content } of entries) {
    const name = Buffer.from(path, 'utf8');
    const time = dosTime(modifiedAt);
    const header = localHeader(name, time);
    yield header;
    const sums = { checksum: 0, bytes: 0 };
    let packedBytes = 0;
    for await (const part of deflated(content, sums)) {
      packedBytes += part.length;
      yield part;
    }
    if (Math.max(packedBytes, sums.bytes) > MAX_32) throw new RangeError(`${path} is too large for an archive`);
    const written: Written = { name, time, offset, packedBytes, ...sums };
    const descriptor = fields([4, DESCRIPTOR], [4, sums.checksum], [4, packedBytes], [4, sums.bytes]);
    yield descriptor;
    directory.push(centralHeader(written).toString('latin1'));
    offset += header.length + packedBytes + descriptor.length;
  }
  let directoryBytes = 0;
  for (const record of directory) {
    directoryBytes += record.length;
    yield Buffer.from(record, 'latin1');
  }
  yield endRecords(directory.length, directoryBytes, offset);
}

interface Sums {
  checksum: number;
  bytes: number;
}

/** Compressed at once where it is small: a stream for each of many small files costs more than their content. */
async function* deflated(content: ZipEntry['content'], sums: Sums): AsyncGenerator<Buffer> {
  const parts = counted(content, sums);
  const begin: Buffer[] = [];
  let beginBytes = 0;
  for (;;) {
    const next = await parts.next();
    if (next.done === true) {
      yield deflateRawSync(Buffer.concat(begin));
      return;
    }
    begin.push(next.value);
    beginBytes += next.value.length;
    if (beginBytes > MAX_AT_ONCE_BYTES) break;
  }
  const packer = createDeflateRaw();
  // Errors of the source destroy the packer, and whoever reads it gets them; a reader that leaves closes both.
  const feeding = pipeline(joined(begin, parts), packer).catch(() => undefined);
  for await (const part of packer) yield part as Buffer;
  await feeding;
}

async function* joined(begin: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* begin;
  yield* rest;
}

async function* counted(content: ZipEntry['content'], sums: Sums): AsyncGenerator<Buffer, void, undefined> {
  for await (const text of content) {
    const part = Buffer.from(text, 'utf8');
    sums.checksum = crc32(part, sums.checksum);
    sums.bytes += part.length;
    yield part;
  }
}

/** Numbers in little-endian order, each with its width in bytes. */
function fields(...parts: readonly (readonly [width: 2 | 4 | 8, value: number])[]): Buffer {
  const buffer = Buffer.alloc(parts.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of parts) {
    if (width === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, width);
    at += width;
  }
  return buffer;
}

function localHeader(name: Buffer, time: number): Buffer {
  const head = fields(
    [4, LOCAL_HEADER],
    [2, VERSION],
    [2, FLAGS],
    [2, DEFLATE],
    [4, time],
    [4, 0],
    [4, 0],
    [4, 0],
    [2, name.length],
    [2, 0],
  );
  return Buffer.concat([head, name]);
}

function centralHeader({ name, time, offset, checksum, packedBytes, bytes }: Written): Buffer {
  const far = offset >= MAX_32;
  const extra = far ? fields([2, 1], [2, 8], [8, offset]) : Buffer.alloc(0);
  const head = fields(
    [4, CENTRAL_HEADER],
    [2, UNIX | VERSION_64],
    [2, far ? VERSION_64 : VERSION],
    [2, FLAGS],
    [2, DEFLATE],
    [4, time],
    [4, checksum],
    [4, packedBytes],
    [4, bytes],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, REGULAR_FILE],
    [4, far ? MAX_32 : offset],
  );
  return Buffer.concat([head, name, extra]);
}

function endRecords(files: number, directoryBytes: number, offset: number): Buffer {
  const isLarge = files >= MAX_16 || directoryBytes >= MAX_32 || offset >= MAX_32;
  const large = isLarge
    ? [
        fields([4, END_64], [8, 44], [2, UNIX | VERSION_64], [2, VERSION_64], [4, 0], [4, 0], [8, files], [8, files]),
        fields([8, directoryBytes], [8, offset]),
        fields([4, LOCATOR_64], [4, 0], [8, offset + directoryBytes], [4, 1]),
      ]
    : [];
  const count = Math.min(files, MAX_16);
  const end = fields(
    [4, END],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, Math.min(directoryBytes, MAX_32)],
    [4, Math.min(offset, MAX_32)],
    [2, 0],
  );
  return Buffer.concat([...large, end]);
}

/** Time in the low half, date in the high one (MS-DOS, two seconds' resolution, from 1980), in UTC. */
function dosTime(date: Date): number {
  const year = Math.min(Math.max(date.getUTCFullYear(), 1980), 2107);
  const day = ((year - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return day * 0x1_0000 + time;
}
