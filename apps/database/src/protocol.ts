/**
 * Framing of the PostgreSQL wire protocol, version 3: https://www.postgresql.org/docs/18/protocol-message-formats.html.
 * Pure: no sockets, no clock. Whatever passes here can be fed to the backend without ending it: an unknown type or an
 * impossible length makes PostgreSQL leave its main loop (FATAL), and in a single-process PostgreSQL that ends everyone.
 */

const byte = (letter: string): number => letter.charCodeAt(0);

/** Type bytes of the messages that a client may send after its start-up message. */
export const MessageType = {
  query: byte('Q'),
  parse: byte('P'),
  bind: byte('B'),
  describe: byte('D'),
  execute: byte('E'),
  close: byte('C'),
  sync: byte('S'),
  flush: byte('H'),
  copyData: byte('d'),
  copyDone: byte('c'),
  copyFail: byte('f'),
  terminate: byte('X'),
} as const;

const READY_FOR_QUERY = byte('Z');

/** Codes that stand where a version number would stand in the first message of a connection. */
export const StartupCode = { cancel: 80_877_102, tls: 80_877_103, gss: 80_877_104 } as const;

const MAX_STARTUP_BYTES = 10_000; // MAX_STARTUP_PACKET_LENGTH of PostgreSQL
const MAX_SMALL_MESSAGE_BYTES = 10_000; // PQ_SMALL_MESSAGE_LIMIT of PostgreSQL: longer ones end its session
const LARGE_TYPES: ReadonlySet<number> = new Set([MessageType.query, MessageType.parse, MessageType.bind, MessageType.copyData]);
const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(MessageType));
const MIN_GROWTH_BYTES = 16_384;

/** What a client did wrong; the connection ends with it. `sqlState` is the five-character code. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';

  constructor(
    readonly sqlState: string,
    text: string,
  ) {
    super(text);
  }
}

/** One whole message. `bytes` holds all of it, header included, and is never written to again. */
export type Frame =
  | { readonly kind: 'startup'; readonly code: number; readonly bytes: Buffer }
  | { readonly kind: 'message'; readonly type: number; readonly bytes: Buffer };

/** Cuts the bytes of one client into messages, however they were split on the way. */
export class FrontendFramer {
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #started = false;

  constructor(private readonly maxMessageBytes: number) {}

  /** Bytes that were pushed and not yet returned. */
  get heldBytes(): number {
    return this.#end - this.#start;
  }

  /** Takes over the chunk: the caller must not write to it afterwards. */
  push(chunk: Buffer): void {
    if (this.#start === this.#end) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#buffer.length) this.#grow(chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** The next whole message, or null until more bytes come. Throws ProtocolViolation. */
  next(): Frame | null {
    return this.#started ? this.#nextMessage() : this.#nextStartup();
  }

  // Bytes already handed out lie before #start and are never moved or overwritten: growth allocates anew.
  #grow(moreBytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(2 * (this.heldBytes + moreBytes), MIN_GROWTH_BYTES));
    this.#buffer.copy(grown, 0, this.#start, this.#end);
    this.#end = this.heldBytes;
    this.#start = 0;
    this.#buffer = grown;
  }

  #nextStartup(): Frame | null {
    if (this.heldBytes < 4) return null;
    const length = this.#buffer.readUInt32BE(this.#start);
    if (length < 8 || length > MAX_STARTUP_BYTES) throw new ProtocolViolation('08P01', 'invalid length of startup packet');
    if (this.heldBytes < length) return null;
    const bytes = this.#take(length);
    const code = bytes.readInt32BE(4);
    if (code !== StartupCode.tls && code !== StartupCode.gss && code !== StartupCode.cancel) this.#started = true;
    return { kind: 'startup', code, bytes };
  }

  #nextMessage(): Frame | null {
    if (this.heldBytes < 1) return null;
    const type = this.#buffer.readUInt8(this.#start);
    if (!KNOWN_TYPES.has(type)) throw new ProtocolViolation('08P01', `invalid frontend message type ${type}`);
    if (this.heldBytes < 5) return null;
    const length = this.#buffer.readUInt32BE(this.#start + 1);
    const limit = LARGE_TYPES.has(type) ? this.maxMessageBytes : MAX_SMALL_MESSAGE_BYTES;
    if (length < 4) throw new ProtocolViolation('08P01', 'invalid message length');
    if (length > limit) throw new ProtocolViolation('54000', `message of ${length} bytes is larger than the limit of ${limit}`);
    if (this.heldBytes < length + 1) return null;
    return { kind: 'message', type, bytes: this.#take(length + 1) };
  }

  #take(length: number): Buffer {
    const bytes = this.#buffer.subarray(this.#start, this.#start + length);
    this.#start += length;
    return bytes;
  }
}

/** ReadyForQuery's word: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** Follows the backend's answer message by message, so that data which looks like ReadyForQuery is never taken for it. */
export class ReplyScanner {
  /** From the last ReadyForQuery that was seen; null when there was none. */
  status: TransactionStatus | null = null;
  #header = Buffer.alloc(5);
  #headerBytes = 0;
  #bodyBytes = 0;
  #isReady = false;

  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerBytes < 5) {
        this.#header[this.#headerBytes++] = chunk[at++] ?? 0;
        if (this.#headerBytes < 5) continue;
        this.#bodyBytes = this.#header.readUInt32BE(1) - 4;
        this.#isReady = this.#header[0] === READY_FOR_QUERY;
      } else {
        const taken = Math.min(this.#bodyBytes, chunk.length - at);
        if (this.#isReady) this.status = transactionStatus(chunk[at]);
        this.#bodyBytes -= taken;
        at += taken;
      }
      if (this.#bodyBytes === 0) this.#headerBytes = 0;
    }
  }
}

function transactionStatus(code: number | undefined): TransactionStatus {
  if (code === byte('I')) return 'I';
  return code === byte('T') ? 'T' : 'E';
}

/** Name and value pairs of a start-up message of protocol 3. Throws ProtocolViolation. */
export function startupParameters(startup: Buffer): ReadonlyMap<string, string> {
  const words = startup.toString('utf8', 8).split('\0');
  const parameters = new Map<string, string>();
  for (let index = 0; words[index] !== undefined && words[index] !== ''; index += 2) {
    const [name, value] = [words[index], words[index + 1]];
    if (name === undefined || value === undefined) throw new ProtocolViolation('08P01', 'invalid startup packet layout');
    parameters.set(name, value);
  }
  return parameters;
}

export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join('');
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt32BE(196_608, 4); // protocol 3.0
  return Buffer.concat([head, body]);
}

function message(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function queryMessage(sql: string): Buffer {
  return message(MessageType.query, Buffer.from(`${sql}\0`));
}

export function syncMessage(): Buffer {
  return message(MessageType.sync, Buffer.alloc(0));
}

export function copyFailMessage(reason: string): Buffer {
  return message(MessageType.copyFail, Buffer.from(`${reason}\0`));
}

/** An ErrorResponse of severity FATAL: the connection ends after it. */
export function fatalResponse(sqlState: string, text: string): Buffer {
  return message(byte('E'), Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0M${text}\0\0`));
}

/** First column of the first DataRow in a whole answer, as text. */
export function firstValue(reply: Buffer): string | null {
  for (let at = 0; at < reply.length; at += 1 + reply.readUInt32BE(at + 1)) {
    if (reply[at] !== byte('D')) continue;
    const length = reply.readInt32BE(at + 7);
    return length < 0 ? null : reply.toString('utf8', at + 11, at + 11 + length);
  }
  return null;
}
