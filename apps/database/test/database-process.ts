import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Client, type QueryResultRow } from 'pg';

const ROOM = fileURLToPath(new URL('..', import.meta.url));
const HOUSE = fileURLToPath(new URL('../../..', import.meta.url));

/** Compiles the process under test; two test files that want it at once take turns. */
export function build(): void {
  const lock = new DatabaseSync(join(tmpdir(), 'gleaner-database-build.lock'), { timeout: 60_000 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    execFileSync(process.execPath, [join(HOUSE, 'node_modules/typescript/bin/tsc'), '-b', ROOM]);
  } finally {
    lock.close();
  }
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real database process with an IPC channel, as the supervisor starts it. */
export class DatabaseProcess {
  stderr = '';
  stdout = '';
  readonly exit: Promise<Exit>;
  readonly ready: Promise<string>;
  readonly #clients: Client[] = [];

  private constructor(
    readonly child: ChildProcess,
    readonly socketFolder: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    // Not 'close': Node 24 does not emit it for a child whose channel the parent closed.
    const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    const outputs = [child.stdout, child.stderr].map((stream) => new Promise((resolve) => stream?.once('end', resolve)));
    this.exit = Promise.all([exited, ...outputs]).then(([exit]) => exit);
    this.ready = new Promise((resolve, reject) => {
      child.on('message', (message: { type: string; socket: string }) => {
        if (message.type === 'ready') resolve(message.socket);
      });
      void this.exit.then(({ code, signal }) => reject(new Error(`ended before it was ready: ${code ?? signal}: ${this.stderr}`)));
    });
    this.ready.catch(() => undefined); // not every test waits for it
  }

  static start(dataFolder: string, socketFolder = join(dataFolder, 's'), nodeFlags: string[] = []): DatabaseProcess {
    const child = fork(join(ROOM, 'dist/main.js'), ['--data', dataFolder, '--socket-dir', socketFolder], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: nodeFlags,
      env: { GLEANER_LOG_LEVEL: 'info' },
    });
    return new DatabaseProcess(child, socketFolder);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async client(): Promise<Client> {
    const client = new Client({ host: this.socketFolder, port: 5432, user: 'postgres', database: 'postgres' });
    client.on('error', () => undefined); // the server may be killed under it
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** Runs one statement on a connection of its own. */
  async query<Row extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.client();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.child.kill(signal);
    const exit = await this.exit;
    await Promise.allSettled(this.#clients.splice(0).map((client) => client.end()));
    return exit;
  }
}
