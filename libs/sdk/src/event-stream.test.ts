import { describe, expect, it } from 'vitest';
import { EventStreamParser } from './event-stream.js';

const STREAM = [
  ': hello\r\n\r\nid: 1\r\nevent: job.started\r\ndata: {"a":\r\ndata: "ü"}\r\n\r\n',
  'id: 2\ndata:two\n\nretry: 3000\rid: 3\rdata\r\r: heartbeat\n\n',
].join('');

describe('EventStreamParser', () => {
  it('gives the same messages however the text is cut', () => {
    const whole = new EventStreamParser().push(`${STREAM}\n`);
    expect(whole.map((message) => [message.id, message.event, message.data])).toEqual([
      ['1', 'job.started', '{"a":\n"ü"}'],
      ['2', 'message', 'two'],
      ['3', 'message', ''],
    ]);
    expect(whole[2]?.retryMs).toBe(3_000);
    for (const size of [1, 2, 3, 7]) {
      const parser = new EventStreamParser();
      const pieces = `${STREAM}\n`.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(whole);
    }
  });

  it('keeps an unfinished message to itself and refuses an endless one', () => {
    const parser = new EventStreamParser();
    expect(parser.push('id: 1\ndata: half')).toEqual([]);
    expect(() => parser.push('x'.repeat(1_000_001))).toThrow(RangeError);
  });
});
