import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Backend } from './backend.js';
import type { GateLimits } from './limits.js';
import type { Logger } from './logger.js';
import { explainFilesystemError, StartRefused } from './refusal.js';
import { Session, type SessionHost } from './session.js';
import type { Turns } from './turns.js';

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, the closing zero included. */
const MAX_SOCKET_PATH_BYTES = 100;
/** Connections that have not introduced themselves, beside the clients. */
const SPARE_CONNECTIONS = 64;
const STOP_POLL_MS = 10;

export interface GateOptions {
  readonly backend: Backend;
  readonly turns: Turns;
  readonly limits: GateLimits;
  readonly logger: Logger;
  /** Runs on the idle session before each turn; a rejection means that the backend is lost. */
  readonly beforeTurn: () => Promise<void>;
  /** The backend is lost: end the process. */
  readonly onBroken: (error: unknown) => void;
}

/** The path that libpq and `pg` look for when their host is a folder and their port 5432. Throws StartRefused. */
export function socketPathIn(folder: string): string {
  const path = join(folder, '.s.PGSQL.5432');
  const length = Buffer.byteLength(path);
  if (length > MAX_SOCKET_PATH_BYTES) {
    throw new StartRefused(
      `The socket path ${path} has ${length} bytes, and ${MAX_SOCKET_PATH_BYTES} are possible: choose a shorter --socket-dir.`,
    );
  }
  return path;
}

/** Serves one PostgreSQL session to many clients on a Unix socket, one unit of work at a time. */
export class Gate {
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  readonly #clients = new Set<Session>();
  readonly #host: SessionHost;
  #stopping = false;

  constructor(private readonly options: GateOptions) {
    this.#host = {
      ...options,
      admit: (session) => this.#admit(session),
      weigh: () => this.#weigh(),
      onLeft: (session) => {
        this.#sessions.delete(session);
        this.#clients.delete(session);
      },
    };
    this.#server = createServer((socket) => {
      this.#sessions.add(new Session(socket, this.#host));
    });
    this.#server.maxConnections = options.limits.maxClients + SPARE_CONNECTIONS;
  }

  /** Call it while holding the lock of the data folder: a socket file that is there is a leftover and is removed. */
  async listen(socketPath: string, folder: string): Promise<void> {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
      rmSync(socketPath, { force: true });
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(socketPath, resolve);
      });
      chmodSync(socketPath, 0o600);
    } catch (error) {
      throw explainFilesystemError(error, folder);
    }
    this.#server.removeAllListeners('error');
    this.#server.on('error', (error) => this.options.logger.error({ error: String(error) }, 'accepting a client failed'));
  }

  /** Takes no more clients, lets the open transaction end within `stopMs`, and resolves when no session is left. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#server.close();
    const deadline = performance.now() + this.options.limits.stopMs;
    for (const session of this.#sessions) session.stop();
    while (this.#sessions.size > 0) {
      if (performance.now() > deadline)
        for (const session of this.#sessions) session.refuse('57P01', 'terminating connection due to administrator command');
      await delay(STOP_POLL_MS);
    }
  }

  #admit(session: Session): boolean {
    if (this.#clients.size >= this.options.limits.maxClients) return false;
    this.#clients.add(session);
    return true;
  }

  /** Memory has one limit for all: who holds most of it pays, so that a flood never costs the others their connection. */
  #weigh(): void {
    let total = 0;
    let heaviest: Session | undefined;
    for (const session of this.#sessions) {
      total += session.heldBytes;
      if (heaviest === undefined || session.heldBytes > heaviest.heldBytes) heaviest = session;
    }
    if (total <= this.options.limits.maxHeldBytes) return;
    this.options.logger.warn({ heldBytes: total }, 'a client was cut off: too many bytes wait in memory');
    heaviest?.refuse('53200', 'too many bytes wait in memory');
  }
}
