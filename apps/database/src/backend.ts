import type { PGlite } from '@electric-sql/pglite';
import {
  copyFailMessage,
  firstValue,
  MessageType,
  queryMessage,
  ReplyScanner,
  startupMessage,
  syncMessage,
  type TransactionStatus,
} from './protocol.js';

/** The one PostgreSQL session of this process. Not for concurrent use: the caller holds the turn. */
export interface Backend {
  /** What a client gets for its start-up message: authentication, parameters, key, ReadyForQuery. */
  readonly greeting: Buffer;
  /**
   * Runs whole messages. Answers come synchronously, in copies that may be kept. Returns the status of the ReadyForQuery in the
   * answer, null when there was none. A rejection means that the session is lost and the process must end.
   */
  run(messages: readonly Buffer[], onReply: (bytes: Buffer) => void): Promise<TransactionStatus | null>;
  /** Runs simple SQL and throws away the answer. */
  execute(sql: string): Promise<TransactionStatus | null>;
  /** Runs simple SQL and returns the first column of the first row; null when there is no row, the value is null or it failed. */
  readValue(sql: string): Promise<string | null>;
  /** Brings the session back to idle, wherever a client left it. */
  rollBack(): Promise<void>;
  close(): Promise<void>;
}

// Status of PostgreSQL's jump to its error handler; PGlite catches it and goes on. Any other way out of the main loop is an end.
const ERROR_JUMP_STATUS = 100;
const MAIN_LOOP = '_PostgresMainLoopOnce';

/**
 * PGlite reads "no more bytes" as the end of its only client. COPY FROM STDIN asks for bytes in the middle of a statement,
 * which ended the whole process [measured with 0.5.14]. A CopyFail behind every statement turns that into an ordinary
 * error for who tried it; without a COPY the backend ignores the message.
 */
const COPY_FAIL = copyFailMessage('COPY FROM STDIN is not available in the embedded database');

/** `onBroken` is called when the session ended inside a statement; it must end the process. */
export async function createBackend(database: PGlite, onBroken: (error: unknown) => never): Promise<Backend> {
  guardMainLoop(database, onBroken);

  const feed = async (bytes: Uint8Array, onReply: (bytes: Buffer) => void): Promise<TransactionStatus | null> => {
    const scanner = new ReplyScanner();
    const onRawData = (view: Uint8Array): void => {
      scanner.feed(view);
      onReply(Buffer.from(view)); // a view of the WebAssembly memory: the next statement writes over it
    };
    await database.runExclusive(() => database.execProtocolRawStream(bytes, { onRawData, syncToFs: false }));
    return scanner.status;
  };
  const run: Backend['run'] = async (messages, onReply) => {
    const status = await feed(withCopyFail(messages), onReply);
    if (status === null && messages.at(-1)?.[0] === MessageType.sync) throw new Error('The backend did not answer a Sync');
    return status;
  };
  const execute = (sql: string): Promise<TransactionStatus | null> => run([queryMessage(sql)], ignoreReply);

  const greeting: Buffer[] = [];
  await feed(startupMessage({ user: 'postgres', database: 'postgres', client_encoding: 'UTF8' }), (bytes) => greeting.push(bytes));

  return {
    greeting: Buffer.concat(greeting),
    run,
    execute,
    readValue: async (sql) => {
      const reply: Buffer[] = [];
      await run([queryMessage(sql)], (bytes) => reply.push(bytes));
      return firstValue(Buffer.concat(reply));
    },
    rollBack: async () => {
      // A Sync alone would commit what ran outside a transaction block. After an error everything up to a Sync is
      // skipped, the first ROLLBACK too: hence the second.
      await execute('ROLLBACK');
      await run([syncMessage()], ignoreReply);
      const status = await execute('ROLLBACK');
      if (status !== 'I') throw new Error(`The backend is not idle after a rollback: ${status ?? 'no answer'}`);
    },
    close: () => database.close(),
  };
}

function ignoreReply(): void {}

function withCopyFail(messages: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  for (const message of messages) {
    parts.push(message);
    if (message[0] === MessageType.query || message[0] === MessageType.execute) parts.push(COPY_FAIL);
  }
  return Buffer.concat(parts);
}

/**
 * PGlite swallows every exception of the main loop and calls it again while input is left. After a FATAL or a trap the input
 * is never consumed: the process would spin for ever. This ends it at the first such exception.
 */
function guardMainLoop(database: PGlite, onBroken: (error: unknown) => never): void {
  const module = database.Module;
  const mainLoopOnce = module[MAIN_LOOP];
  module[MAIN_LOOP] = () => {
    try {
      mainLoopOnce();
    } catch (error) {
      if (statusOf(error) === ERROR_JUMP_STATUS) throw error;
      onBroken(error);
    }
  };
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
}
