import * as blocking from 'node:fs';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';

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
/** Most bodies are one or two of these: Node's 16 kB at a time costs half as much again. */
const CHUNK_BYTES = 65_536;
/** The fastest level: pages shrink to a quarter, as with the default, in two thirds of its time. */
const COMPRESSION = { chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const compressPooled = promisify(zstdCompress);
const decompressPooled = promisify(zstdDecompress);

/** For event loops that serve others: the thread pool of Node does the work. */
export const pooledIo: FileIo = {
  read: readFile,
  create: (path, bytes) => writeFile(path, bytes, NEW_FILE),
  rename,
  makeFolder: (path) => mkdir(path, { recursive: true }),
  access,
  compress: (bytes) => compressPooled(bytes, COMPRESSION),
  decompress: (bytes, limits) => decompressPooled(bytes, { ...limits, chunkSize: CHUNK_BYTES }),
};

/** For threads that do one thing after the other: six hops through the thread pool would cost a page more than reading it. */
export const blockingIo: FileIo = {
  read: (path) => blocking.readFileSync(path),
  create: (path, bytes) => blocking.writeFileSync(path, bytes, NEW_FILE),
  rename: (from, to) => blocking.renameSync(from, to),
  makeFolder: (path) => blocking.mkdirSync(path, { recursive: true }),
  access: (path) => blocking.accessSync(path),
  compress: (bytes) => zstdCompressSync(bytes, COMPRESSION),
  decompress: (bytes, limits) => zstdDecompressSync(bytes, { ...limits, chunkSize: CHUNK_BYTES }),
};
