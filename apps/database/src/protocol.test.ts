import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  copyFailMessage,
  fatalResponse,
  firstValue,
  FrontendFramer,
  MessageType,
  ProtocolViolation,
  queryMessage,
  ReplyScanner,
  startupMessage,
  startupParameters,
  syncMessage,
} from './protocol.js';

const MAX_BYTES = 200_000;

function message(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Cuts the bytes at the given places, each chunk in memory of its own as a socket delivers it. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => Buffer.from(bytes.subarray(places[index], end)));
}

function violationOf(action: () => void): unknown {
  try {
    action();
    return null;
  } catch (error) {
    return error;
  }
}

const cuts = fc.array(fc.nat(), { maxLength: 30 });
const anyType = fc.constantFrom(...Object.values(MessageType));
const anyBody = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ minLength: 3_000, maxLength: 9_000 }));
const startup = startupMessage({ user: 'postgres', database: 'postgres' });

describe('FrontendFramer', () => {
  it('returns the messages that were sent, however the bytes were split', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyType, anyBody), { maxLength: 12 }), cuts, (sent, places) => {
        const messages = sent.map(([type, body]) => message(type, body));
        const framer = new FrontendFramer(MAX_BYTES);
        const received: Buffer[] = [];
        for (const chunk of split(Buffer.concat([startup, ...messages]), places)) {
          framer.push(chunk);
          for (let frame = framer.next(); frame !== null; frame = framer.next()) received.push(frame.bytes);
        }
        // Compared only now: bytes that were handed out must not change when more come.
        expect(Buffer.concat(received)).toEqual(Buffer.concat([startup, ...messages]));
        expect(received).toHaveLength(messages.length + 1);
        expect(framer.heldBytes).toBe(0);
      }),
    );
  });

  it('gives one whole message or a violation for any bytes at all, and never holds more than it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), cuts, fc.boolean(), (noise, places, started) => {
        const framer = new FrontendFramer(MAX_BYTES);
        const chunks = split(Buffer.concat([...(started ? [startup] : []), noise]), places);
        let held = 0;
        const take = (chunk: Buffer): void => {
          framer.push(chunk);
          held += chunk.length;
          for (let frame = framer.next(); frame !== null; frame = framer.next()) {
            held -= frame.bytes.length;
            const lengthAt = frame.kind === 'message' ? 1 : 0;
            expect(frame.bytes.readUInt32BE(lengthAt)).toBe(frame.bytes.length - lengthAt);
          }
          expect(framer.heldBytes).toBe(held);
        };
        expect(violationOf(() => chunks.forEach(take))).toBeOneOf([null, expect.any(ProtocolViolation)]);
      }),
    );
  });

  it.each([
    ['an unknown type', message('z'.charCodeAt(0), Buffer.alloc(0)), '08P01'],
    ['a function call', message('F'.charCodeAt(0), Buffer.alloc(8)), '08P01'],
    ['a length below four', Buffer.from([MessageType.query, 0, 0, 0, 3]), '08P01'],
    ['a length above the limit', Buffer.from([MessageType.query, 0x7f, 0, 0, 0]), '54000'],
    ['a negative length', Buffer.from([MessageType.query, 0xff, 0xff, 0xff, 0xff]), '54000'],
    ['a small type with a body that PostgreSQL would end its session over', message(MessageType.describe, Buffer.alloc(10_000)), '54000'],
  ])('refuses %s before the body has come', (_, bytes, sqlState) => {
    const framer = new FrontendFramer(MAX_BYTES);
    framer.push(Buffer.concat([startup, bytes]));
    expect(framer.next()?.kind).toBe('startup');
    expect(() => framer.next()).toThrowError(expect.objectContaining({ sqlState }));
  });

  it('needs time in proportion to the bytes when they come one by one', () => {
    const framer = new FrontendFramer(MAX_BYTES);
    framer.push(startup);
    framer.next();
    const sent = queryMessage('x'.repeat(150_000));
    let received: Buffer | undefined;
    for (const value of sent) {
      framer.push(Buffer.from([value]));
      received ??= framer.next()?.bytes;
    }
    expect(received).toEqual(sent);
  });
});

describe('startupParameters', () => {
  it('reads back what startupMessage wrote', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9 _äß-]{1,20}$/);
    fc.assert(
      fc.property(fc.dictionary(word, word), (parameters) => {
        expect(startupParameters(startupMessage(parameters))).toEqual(new Map(Object.entries(parameters)));
      }),
    );
  });

  it('refuses a name without a value', () => {
    expect(() => startupParameters(Buffer.concat([Buffer.alloc(8), Buffer.from('user')]))).toThrowError(ProtocolViolation);
  });
});

const ready = (status: string): Buffer => message('Z'.charCodeAt(0), Buffer.from(status));

describe('ReplyScanner', () => {
  it('knows the last status, however the bytes were split', () => {
    fc.assert(
      fc.property(fc.array(anyBody, { maxLength: 5 }), fc.constantFrom('I', 'T', 'E'), cuts, (rows, status, places) => {
        const reply = Buffer.concat([...rows.map((row) => message('D'.charCodeAt(0), row)), ready('I'), ready(status)]);
        const scanner = new ReplyScanner();
        for (const chunk of split(reply, places)) scanner.feed(chunk);
        expect(scanner.status).toBe(status);
      }),
    );
  });

  it('is not deceived by data that ends like ReadyForQuery', () => {
    const scanner = new ReplyScanner();
    scanner.feed(message('D'.charCodeAt(0), Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 6]), ready('I')])));
    expect(scanner.status).toBeNull();
  });
});

describe('messages', () => {
  it('reads the first value of an answer', () => {
    const row = (length: number, text: string): Buffer => {
      const head = Buffer.alloc(6);
      head.writeInt16BE(1, 0);
      head.writeInt32BE(length, 2);
      return message('D'.charCodeAt(0), Buffer.concat([head, Buffer.from(text)]));
    };
    expect(firstValue(Buffer.concat([message('T'.charCodeAt(0), Buffer.from('ab')), row(3, 'abc'), row(1, 'x')]))).toBe('abc');
    expect(firstValue(row(-1, ''))).toBeNull();
    expect(firstValue(fatalResponse('57P01', 'gone'))).toBeNull();
  });

  it('writes lengths that fit', () => {
    for (const bytes of [queryMessage('select 1'), syncMessage(), copyFailMessage('no'), fatalResponse('53300', 'full')])
      expect(bytes.readUInt32BE(1)).toBe(bytes.length - 1);
  });
});
