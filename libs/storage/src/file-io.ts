import * as blocking from 'node:fs';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';

type Eventually<Value> = Value | Promise<Value>;

/** What the blob store does with files and bytes; failures are the errors of Node. */
export interface FileIo {
  readonly read: (path: string) => Eventually<Uint8Array>;
  /** Makes a file that must not be there yet, for its owner alone. */
  readonly create: (path: string, bytes: Uint8Array) => Eventually<void>;
  readonly rename: (from: string, to: string) => Eventually<void>;
  readonly makeFolder: (path: string) => Eventually<unknown>;
  /** Throws ENOENT when it is not there. */
  readonly access: (path: string) => Eventually<void>;
  readonly compress: (bytes: Uint8Array) => Eventually<Uint8Array>;
  readonly decompress: (bytes: Uint8Array, limits: { readonly maxOutputLength: number }) => Eventually<Uint8Array>;
}

const NEW_FILE = { flag: 'wx', mode: 0o600 } as const;

/** For event loops that serve others: the thread pool of Node does the work. */
export const pooledIo: FileIo = {
  read: readFile,
  create: (path, bytes) => writeFile(path, bytes, NEW_FILE),
  rename,
  makeFolder: (path) => mkdir(path, { recursive: true }),
  access,
  compress: promisify(zstdCompress),
  decompress: promisify(zstdDecompress),
};

/** For threads that do one thing after the other: six hops through the thread pool would cost a page more than reading it. */
export const blockingIo: FileIo = {
  read: (path) => blocking.readFileSync(path),
  create: (path, bytes) => blocking.writeFileSync(path, bytes, NEW_FILE),
  rename: (from, to) => blocking.renameSync(from, to),
  makeFolder: (path) => blocking.mkdirSync(path, { recursive: true }),
  access: (path) => blocking.accessSync(path),
  compress: (bytes) => zstdCompressSync(bytes),
  decompress: (bytes, limits) => zstdDecompressSync(bytes, limits),
};
