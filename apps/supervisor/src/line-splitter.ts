const MAX_LINE_CHARACTERS = 64_000;

/** Cuts a stream of text into lines; a line without end is cut off at 64,000 characters. */
export function splitLines(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARACTERS);
    for (const line of lines) onLine(line.replace(/\r$/, ''));
  };
}
