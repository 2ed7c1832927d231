import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** sun_path holds 104 bytes on macOS and 108 on Linux, with its final zero. */
const MAX_SOCKET_PATH_BYTES = 103;
const SOCKET_NAME = '.s.PGSQL.5432';

export interface SocketFolder {
  readonly path: string;
  remove(): void;
}

/** Where the database puts its socket: `DIR/run`, or a private folder for temporary files when that path is too long. */
export function openSocketFolder(runFolder: string): SocketFolder {
  if (Buffer.byteLength(join(runFolder, SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES) {
    removeSockets(runFolder);
    return { path: runFolder, remove: () => removeSockets(runFolder) };
  }
  const path = mkdtempSync(join(tmpdir(), 'gleaner-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A killed database leaves its socket behind. */
function removeSockets(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.s.PGSQL.')) rmSync(join(folder, name), { force: true });
  }
}

/** The URL of the embedded database for node-postgres, which takes the folder of the socket as `host`. */
export function socketDatabaseUrl(folder: string): string {
  return `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`;
}
