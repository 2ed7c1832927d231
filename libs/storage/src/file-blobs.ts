import { hash as digestOf, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobRef, type BlobStore, Fault } from '@gleaner/domain';
import { type FileIo, pooledIo } from './file-io.js';

const HASH = /^sha256:([0-9a-f]{64})$/;
/** Far above the largest page: a broken file must not fill the memory. */
const MAX_BLOB_BYTES = 512 * 1024 * 1024;
/** No write takes this long: what is older was left by a process that was killed. */
const LEFTOVER_AGE_MS = 3_600_000;
const FULL_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Bodies in `folder`/ab/cd/HASH.zst, where HASH is the SHA-256 of the uncompressed bytes. A body is written beside its place
 * and renamed, so that readers and other writers see all of it or nothing, also after kill -9. It is not forced to the disk: after a power
 * cut a body may be torn; reading one finds that by its hash and removes it, so that the next fetch writes it again.
 * Throws Fault BLOB_MISSING, STORAGE_FULL and STORAGE_UNAVAILABLE (the folder cannot be used). `io`: how files are read and written.
 */
export function createFileBlobs(folder: string, io: FileIo = pooledIo): BlobStore {
  const incoming = join(folder, 'incoming');
  let prepared: Promise<void> | undefined;

  const prepare = (): Promise<void> => {
    prepared ??= makeReady(incoming).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };

  const store: BlobStore = {
    put: (bytes) =>
      translated(async () => {
        const ref: BlobRef = { hash: hashOf(bytes), bytes: bytes.byteLength };
        const path = pathOf(folder, ref.hash);
        if (path === null || (await exists(io, path))) return ref;
        await prepare();
        const part = join(incoming, `${process.pid}-${randomBytes(8).toString('hex')}.part`);
        await writeWhole(io, path, part, await io.compress(bytes));
        return ref;
      }),

    get: (hash) =>
      translated(async () => {
        const path = pathOf(folder, hash);
        const packed = path === null ? null : await readOrNull(io, path);
        if (path === null || packed === null) throw missing(`There is no body ${shown(hash)}.`);
        const bytes = await unpackOrNull(io, packed);
        if (bytes !== null && hashOf(bytes) === hash) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        await rm(path, { force: true });
        throw missing(`The body ${hash} was damaged on disk (${packed.byteLength} bytes) and was removed.`);
      }),

    has: (hash) =>
      translated(async () => {
        const path = pathOf(folder, hash);
        return path !== null && (await exists(io, path));
      }),

    check: () =>
      translated(async () => {
        const probe = randomBytes(32);
        const { hash } = await store.put(probe);
        const read = await store.get(hash);
        await rm(pathOf(folder, hash) ?? '', { force: true });
        if (!probe.equals(read))
          throw new Fault('STORAGE_UNAVAILABLE', { detail: 'The blob folder gave back other bytes than were written.' });
      }),
  };
  return store;
}

/** Null for what is not a hash: nothing else ever becomes part of a path. */
function pathOf(folder: string, hash: string): string | null {
  const hex = HASH.exec(hash)?.[1];
  return hex === undefined ? null : join(folder, hex.slice(0, 2), hex.slice(2, 4), `${hex}.zst`);
}

function hashOf(bytes: Uint8Array): string {
  return `sha256:${digestOf('sha256', bytes, 'hex')}`;
}

async function writeWhole(io: FileIo, path: string, part: string, packed: Uint8Array): Promise<void> {
  try {
    await io.create(part, packed);
    try {
      await io.rename(part, path);
    } catch (error) {
      // Nearly always the folder is there: only the first body of it has to make it.
      if (codeOf(error) !== 'ENOENT') throw error;
      await io.makeFolder(dirname(path));
      await io.rename(part, path);
    }
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined); // the first error says more
    throw error;
  }
}

async function makeReady(incoming: string): Promise<void> {
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const found = await stat(path).catch(() => null); // another process may be cleaning too
    if (found !== null && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS) await rm(path, { force: true });
  }
}

async function exists(io: FileIo, path: string): Promise<boolean> {
  try {
    await io.access(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function readOrNull(io: FileIo, path: string): Promise<Uint8Array | null> {
  try {
    return await io.read(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function unpackOrNull(io: FileIo, packed: Uint8Array): Promise<Uint8Array | null> {
  try {
    return await io.decompress(packed, { maxOutputLength: MAX_BLOB_BYTES });
  } catch {
    return null;
  }
}

function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = codeOf(error);
    if (FULL_CODES.has(code)) throw new Fault('STORAGE_FULL', { detail: 'The disk of the blob folder is full.', cause: error });
    throw new Fault('STORAGE_UNAVAILABLE', { detail: `The blob folder cannot be used${code === '' ? '' : ` (${code})`}.`, cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function missing(detail: string): Fault {
  return new Fault('BLOB_MISSING', { detail });
}

function shown(hash: string): string {
  return HASH.test(hash) ? hash : '(that is not a hash)';
}
