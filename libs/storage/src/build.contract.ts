import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Compiles a workspace that a test runs as a process of its own; quick when nothing changed. Test files take turns. */
export function build(workspace: string): void {
  const lock = new DatabaseSync(join(tmpdir(), 'gleaner-database-build.lock'), { timeout: 60_000 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    execFileSync(process.execPath, [compiler, '-b', join(root, workspace)]);
  } finally {
    lock.close();
  }
}

export function pathOf(name: string): string {
  return join(root, name);
}
