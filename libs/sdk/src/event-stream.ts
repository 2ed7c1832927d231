/** One message of a text/event-stream, as the WHATWG specification "Server-sent events" §9.2.6 dispatches it. */
export interface StreamMessage {
  readonly id: string;
  readonly event: string;
  readonly data: string;
  /** What the server asks for between two connections; undefined when it said nothing. */
  readonly retryMs?: number;
}

/** A message larger than this is no event of ours. Characters. */
const MAX_MESSAGE_CHARS = 1_000_000;

export class EventStreamParser {
  #rest = '';
  #id = '';
  #event = '';
  #data: string[] = [];
  #dataChars = 0;
  #retryMs: number | undefined;

  /**
   * Takes decoded text cut anywhere, gives the messages that it completes. Lines end with CRLF, LF or CR.
   * @throws RangeError when a message grows beyond one million characters.
   */
  push(text: string): StreamMessage[] {
    this.#rest += text;
    const messages: StreamMessage[] = [];
    for (;;) {
      const end = /\r\n|\n|\r/.exec(this.#rest);
      // A CR at the very end may be the first half of a CRLF.
      if (end === null || (end[0] === '\r' && end.index === this.#rest.length - 1)) break;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      const message = this.#line(line);
      if (message !== null) messages.push(message);
    }
    if (this.#rest.length + this.#dataChars > MAX_MESSAGE_CHARS) throw new RangeError('an event of the stream is too large');
    return messages;
  }

  #line(line: string): StreamMessage | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      this.#data.push(value);
      this.#dataChars += value.length;
    } else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value);
    return null;
  }

  #dispatch(): StreamMessage | null {
    const data = this.#data.join('\n');
    const isEmpty = this.#data.length === 0;
    const message = {
      id: this.#id,
      event: this.#event || 'message',
      data,
      ...(this.#retryMs === undefined ? {} : { retryMs: this.#retryMs }),
    };
    this.#data = [];
    this.#dataChars = 0;
    this.#event = '';
    return isEmpty ? null : message;
  }
}
