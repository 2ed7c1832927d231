/** Longest single event; a provider that sends more is broken. */
const MAX_EVENT_CHARS = 1_000_000;

/**
 * The `data` of each event of a `text/event-stream` (HTML standard, section 9.2.6): lines end in CR, LF or both, several data lines
 * are one text. Throws a RangeError for an event that is too long.
 */
export async function* serverEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let chars = 0;
  for await (const part of bytes) {
    rest += decoder.decode(part, { stream: true });
    if (rest.length > MAX_EVENT_CHARS) throw new RangeError('the event is too long');
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '' && data.length > 0) {
        yield data.join('\n');
        data = [];
        chars = 0;
      } else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      chars += line.length;
      if (chars > MAX_EVENT_CHARS) throw new RangeError('the event is too long');
    }
  }
}
