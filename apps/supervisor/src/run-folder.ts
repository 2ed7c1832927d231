import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `run/ready.json`: written when everything answers. */
export interface ReadyFile {
  readonly url: string;
  readonly temporal: string;
  readonly temporalUi: string | null;
  /** Without a password. */
  readonly database: string;
  readonly pids: Readonly<Record<string, number>>;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
}

/** `DIR/run`: one `NAME.pid` per child that runs, and `ready.json`. Files appear whole, by rename. */
export class RunFolder {
  constructor(readonly path: string) {}

  writePid(name: string, pid: number): void {
    this.replace(`${name}.pid`, String(pid));
  }

  removePid(name: string): void {
    rmSync(join(this.path, `${name}.pid`), { force: true });
  }

  /** Children of this run, or of an earlier one that was killed. */
  pids(): Record<string, number> {
    const names = readdirSync(this.path)
      .filter((file) => file.endsWith('.pid'))
      .map((file) => file.slice(0, -'.pid'.length));
    const entries = names.map((name) => [name, this.readPid(name)] as const);
    return Object.fromEntries(entries.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
  }

  writeReady(ready: ReadyFile): void {
    this.replace('ready.json', `${JSON.stringify(ready, null, 2)}\n`);
  }

  removeReady(): void {
    rmSync(join(this.path, 'ready.json'), { force: true });
  }

  private readPid(name: string): number | undefined {
    try {
      const pid = Number(readFileSync(join(this.path, `${name}.pid`), 'utf8'));
      return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  private replace(name: string, content: string): void {
    const temporary = join(this.path, `.${name}.${process.pid}`);
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, join(this.path, name));
  }
}
