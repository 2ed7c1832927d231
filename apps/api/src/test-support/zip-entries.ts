import { crc32, inflateRawSync } from 'node:zlib';

export interface ReadEntry {
  readonly path: string;
  readonly text: string;
  /** UTC, without a zone, to two seconds. */
  readonly date: string;
}

/** Reads an archive by its directory, as every program does; throws when sizes, checksums or records do not agree. */
export function zipEntries(archive: Buffer): ReadEntry[] {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('the archive has no end: it is cut');
  let count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (count === 0xffff) {
    const record = Number(archive.readBigUInt64LE(end - 20 + 8));
    if (archive.readUInt32LE(record) !== 0x0606_4b50) throw new Error('the 64-bit end is not where the locator says');
    count = Number(archive.readBigUInt64LE(record + 32));
    at = Number(archive.readBigUInt64LE(record + 48));
  }
  return Array.from({ length: count }, () => {
    if (archive.readUInt32LE(at) !== 0x0201_4b50) throw new Error('the directory is broken');
    const [time, date] = [archive.readUInt16LE(at + 12), archive.readUInt16LE(at + 14)];
    const [checksum, packed, bytes] = [archive.readUInt32LE(at + 16), archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)];
    const [nameBytes, extraBytes] = [archive.readUInt16LE(at + 28), archive.readUInt16LE(at + 30)];
    const local = archive.readUInt32LE(at + 42);
    const name = archive.subarray(at + 46, at + 46 + nameBytes);
    at += 46 + nameBytes + extraBytes;
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = inflateRawSync(archive.subarray(from, from + packed));
    if (content.length !== bytes || crc32(content) !== checksum || archive.readUInt32LE(from + packed) !== 0x0807_4b50)
      throw new Error(`${name.toString('utf8')} is damaged`);
    return { path: name.toString('utf8'), text: content.toString('utf8'), date: dateOf(date, time) };
  });
}

function dateOf(date: number, time: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  return `${day}T${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}
