import { createHash } from 'node:crypto';
import { wordsOf } from '../analyze/words.js';

/** Changes when a number of the scheme changes: signatures of different versions tell nothing of each other. */
const NEAR_DUPLICATE_VERSION = 1;
const HASHES = 128;
const SHINGLE_WORDS = 3;
/** Shorter texts are compared exactly: a few words decide too much of their shingles. */
const MIN_WORDS = 50;
const MAX_WORDS = 20_000;
/** 16 bands of 8 rows meet for 99.99 % of the pairs that share nine tenths of their shingles, and for 6 % of those that share a half. */
const BANDS = 16;
const ROWS = HASHES / BANDS;

/** Odd multipliers and offsets of the hash family, the same in every process: from SHA-256 of their position and the version. */
const FAMILY = Array.from({ length: HASHES }, (_, index) => {
  const seed = createHash('sha256').update(`gleaner near duplicate ${NEAR_DUPLICATE_VERSION} ${index}`).digest();
  return { factor: seed.readUInt32LE(0) | 1, offset: seed.readUInt32LE(4) };
});
const FACTORS = Uint32Array.from(FAMILY, ({ factor }) => factor);
const OFFSETS = Uint32Array.from(FAMILY, ({ offset }) => offset);

/** FNV-1a over UTF-16 units (http://www.isthe.com/chongo/tech/comp/fnv/), then the finalizer of MurmurHash3 so that all bits depend on all. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index++) hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return mix(hash);
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * MinHash signature (Broder 1997) of the word triples of a text: 128 unsigned 32-bit values; the share of equal values of two
 * signatures estimates the Jaccard similarity of their triples. Null for texts of fewer than 50 words.
 */
export function signatureOf(text: string): Uint32Array | null {
  const words: number[] = [];
  for (const word of wordsOf(text.normalize('NFKC').toLowerCase(), null)) {
    words.push(hashWord(word));
    if (words.length === MAX_WORDS) break;
  }
  if (words.length < MIN_WORDS) return null;
  const shingles = new Set<number>();
  for (let index = 0; index + SHINGLE_WORDS <= words.length; index++) {
    let hash = 0;
    for (let part = 0; part < SHINGLE_WORDS; part++) hash = mix(Math.imul(hash, 31) + (words[index + part] ?? 0));
    shingles.add(hash);
  }
  const signature = new Uint32Array(HASHES).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let index = 0; index < HASHES; index++) {
      let value = Math.imul(shingle ^ (OFFSETS[index] ?? 0), FACTORS[index] ?? 1);
      value = (value ^ (value >>> 15)) >>> 0;
      if (value < (signature[index] ?? 0)) signature[index] = value;
    }
  }
  return signature;
}

/** Keys under which near duplicates meet (locality-sensitive hashing): 16 signed 64-bit numbers in decimal. */
export function bandsOf(signature: Uint32Array): readonly string[] {
  return Array.from({ length: BANDS }, (_, band) => {
    const rows = signature.slice(band * ROWS, (band + 1) * ROWS);
    const hash = createHash('sha256').update(`${band}:`).update(new Uint8Array(rows.buffer)).digest();
    return hash.readBigInt64LE(0).toString();
  });
}

/** A signature as base64 of its values in little-endian order. */
export function encodeSignature(signature: Uint32Array): string {
  const bytes = Buffer.alloc(signature.length * 4);
  signature.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes.toString('base64');
}

/** `bandsOf` an encoded signature; none when it is not one of today. */
export function bandsOfEncoded(encoded: string): readonly string[] {
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== HASHES * 4) return [];
  return bandsOf(Uint32Array.from({ length: HASHES }, (_, index) => bytes.readUInt32LE(index * 4)));
}

/** Estimated Jaccard similarity of two encoded signatures, 0 … 1; 0 when they are not of the same length. */
export function similarityOfEncoded(a: string, b: string): number {
  const one = Buffer.from(a, 'base64');
  const other = Buffer.from(b, 'base64');
  if (one.length !== other.length || one.length === 0) return 0;
  let same = 0;
  for (let at = 0; at + 4 <= one.length; at += 4) if (one.readUInt32LE(at) === other.readUInt32LE(at)) same++;
  return same / (one.length / 4);
}
