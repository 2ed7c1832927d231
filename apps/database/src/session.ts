import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurnOfLoop } from 'node:timers/promises';
import type { Backend } from './backend.js';
import type { GateLimits } from './limits.js';
import { fatalResponse, FrontendFramer, MessageType, ProtocolViolation, StartupCode, startupParameters, type Frame } from './protocol.js';
import type { Release, Turns, Urgency } from './turns.js';

/** What a session needs of its gate. */
export interface SessionHost {
  readonly backend: Backend;
  readonly turns: Turns;
  readonly limits: GateLimits;
  /** Runs on the idle session before a unit of a new turn. */
  beforeTurn(): Promise<void>;
  /** Takes one of the places for clients; false when all are taken. */
  admit(session: Session): boolean;
  /** The session's held bytes changed. */
  weigh(): void;
  /** The session ended and owns nothing any more. */
  onLeft(session: Session): void;
  /** The backend is lost. */
  onBroken(error: unknown): void;
}

const ENDS_UNIT: ReadonlySet<number> = new Set([MessageType.query, MessageType.sync, MessageType.flush]);
const COPY_TYPES: ReadonlySet<number> = new Set([MessageType.copyData, MessageType.copyDone, MessageType.copyFail]);
/** What crawls write, by the name that its client gives: transactions of many pages, behind which nobody waits. */
const BULK_CLIENT = 'gleaner-crawls';
const PAUSE_ABOVE_BYTES = 65_536;
const LAST_WORDS_MS = 1_000;

/**
 * One client. Its messages are gathered into units (up to Query, Sync or Flush) before it asks for its turn, so that no
 * other client's statement can come between Parse and Execute; it then owns the backend until ReadyForQuery says idle.
 */
export class Session {
  readonly #framer: FrontendFramer;
  readonly #ending = new AbortController();
  #unit: Buffer[] = [];
  #unitBytes = 0;
  #release: Release | null = null;
  #pumping: Promise<void> | null = null;
  #leaving = false;
  #urgency: Urgency = 'interactive';
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly host: SessionHost,
  ) {
    this.#framer = new FrontendFramer(host.limits.maxUnitBytes);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => this.#end()); // a client that vanished: 'close' follows
    socket.on('close', () => this.#end());
    this.#limitTime(host.limits.startupMs, '08P01', 'no startup packet arrived in time');
  }

  /** Bytes in memory for this client: input that has not run, answers that were not read. */
  get heldBytes(): number {
    return this.#framer.heldBytes + this.#unitBytes + this.socket.writableLength;
  }

  /** Ends the session with an error of severity FATAL; an open transaction is rolled back. */
  refuse(sqlState: string, text: string): void {
    if (this.#leaving) return;
    this.socket.end(fatalResponse(sqlState, text));
    this.#end();
  }

  /** Ends the session as soon as it owns nothing. */
  stop(): void {
    this.#stopping = true;
    if (this.#release === null) this.refuse('57P01', 'terminating connection due to administrator command');
  }

  #receive(chunk: Buffer): void {
    if (this.#leaving) return;
    this.#framer.push(chunk);
    this.host.weigh();
    if (this.#leaving) return;
    if (this.#pumping === null) this.#startPump();
    else if (this.#framer.heldBytes > PAUSE_ABOVE_BYTES) this.socket.pause();
  }

  #startPump(): void {
    this.#pumping = this.#pump()
      .catch((error: unknown) => {
        if (error instanceof ProtocolViolation) this.refuse(error.sqlState, error.message);
        else if (!isEndOfWait(error, this.#ending.signal)) this.host.onBroken(error);
      })
      .finally(() => {
        this.#pumping = null;
        this.socket.resume();
      });
  }

  async #pump(): Promise<void> {
    while (!this.#leaving) {
      const frame = this.#framer.next();
      if (frame === null) return;
      if (frame.kind === 'startup') this.#greet(frame.code, frame.bytes);
      else if (this.#gather(frame)) {
        await this.#runUnit();
        if (this.#framer.heldBytes > 0) await nextTurnOfLoop();
      }
    }
  }

  #greet(code: number, bytes: Buffer): void {
    if (code === StartupCode.tls || code === StartupCode.gss) {
      this.socket.write('N');
      return;
    }
    if (code === StartupCode.cancel) {
      this.socket.end(); // nothing to cancel: a statement runs to its end
      this.#end();
      return;
    }
    if (code >> 16 !== 3) throw new ProtocolViolation('0A000', 'unsupported frontend protocol: only version 3 is served');
    const parameters = startupParameters(bytes);
    const user = parameters.get('user');
    const database = parameters.get('database') ?? user;
    if (user !== 'postgres') throw new ProtocolViolation('28000', 'the only role of the embedded database is "postgres"');
    if (database !== 'postgres') throw new ProtocolViolation('3D000', 'the only database of the embedded database is "postgres"');
    if (this.#stopping) throw new ProtocolViolation('57P03', 'the database system is shutting down');
    if (!this.host.admit(this)) throw new ProtocolViolation('53300', 'sorry, too many clients already');
    this.#urgency = parameters.get('application_name') === BULK_CLIENT ? 'bulk' : 'interactive';
    clearTimeout(this.#timer);
    this.socket.write(this.host.backend.greeting);
  }

  /** True when the unit is whole. */
  #gather(frame: Frame & { kind: 'message' }): boolean {
    if (frame.type === MessageType.terminate) {
      this.socket.end();
      this.#end();
      return false;
    }
    if (COPY_TYPES.has(frame.type)) return false; // COPY FROM STDIN was refused already: see backend.ts
    this.#unit.push(frame.bytes);
    this.#unitBytes += frame.bytes.length;
    if (this.#unitBytes > this.host.limits.maxUnitBytes) throw new ProtocolViolation('54000', 'too many bytes without a Sync');
    return ENDS_UNIT.has(frame.type);
  }

  async #runUnit(): Promise<void> {
    const { backend, turns, limits } = this.host;
    if (this.#release === null) {
      this.#release = await turns.take(this.#ending.signal, this.#urgency);
      await this.host.beforeTurn();
    }
    if (this.#leaving) return;
    clearTimeout(this.#timer);
    const unit = this.#unit;
    this.#unit = [];
    this.#unitBytes = 0;

    const reply: Buffer[] = [];
    let replyBytes = 0;
    const status = await backend.run(unit, (bytes) => {
      replyBytes += bytes.length;
      if (replyBytes <= limits.maxReplyBytes) reply.push(bytes);
      else reply.length = 0;
    });
    if (this.#leaving) return;
    if (replyBytes > limits.maxReplyBytes)
      throw new ProtocolViolation('54000', `an answer larger than ${limits.maxReplyBytes} bytes: use LIMIT or a cursor`);
    if (status === 'I') this.#giveTurnBack();
    else this.#limitTime(limits.idleInTransactionMs, '25P03', 'terminating connection due to idle-in-transaction timeout');
    await this.#send(reply);
    if (this.#stopping && this.#release === null) this.stop();
  }

  /** Waits until a slow reader has taken most of its answer: its next unit makes no more before. */
  async #send(reply: readonly Buffer[]): Promise<void> {
    this.socket.cork();
    for (const bytes of reply) this.socket.write(bytes);
    this.socket.uncork();
    if (!this.socket.writableNeedDrain) return;
    this.host.weigh();
    const unread = setTimeout(() => this.socket.destroy(), this.host.limits.unreadReplyMs);
    try {
      await once(this.socket, 'drain', { signal: this.#ending.signal });
    } finally {
      clearTimeout(unread);
    }
  }

  #giveTurnBack(): void {
    this.#release?.();
    this.#release = null;
  }

  #limitTime(timeoutMs: number, sqlState: string, text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refuse(sqlState, text), timeoutMs);
  }

  #end(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    clearTimeout(this.#timer);
    this.#ending.abort(new Error('The client has left'));
    const lastWords = setTimeout(() => this.socket.destroy(), LAST_WORDS_MS);
    this.socket.once('close', () => clearTimeout(lastWords));
    void this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#pumping;
    this.#unit = [];
    this.#unitBytes = 0;
    try {
      if (this.#release !== null) await this.host.backend.rollBack();
    } catch (error) {
      this.host.onBroken(error);
    }
    this.#giveTurnBack();
    this.host.onLeft(this);
  }
}

/** Waiting for a turn or for a slow reader was cut short because the client left. */
function isEndOfWait(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
