/** A destination after `](`: in angle brackets, or without spaces and with balanced parentheses one level deep (CommonMark §6.3). */
const DESTINATION = /\]\((?:<([^<>\n]*)>|([^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*))/y;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Markdown with other link and image destinations where `change` gives one; code stays as it is. Linear in the length of the text. */
export function mapLinks(markdown: string, change: (destination: string) => string | null): string {
  let fence: string | null = null;
  const lines = markdown.split('\n').map((line) => {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (mark !== undefined && mark.startsWith(fence) && line.trim() === mark) fence = null;
      return line;
    }
    if (mark === undefined) return mapLine(line, change);
    fence = mark;
    return line;
  });
  return lines.join('\n');
}

function mapLine(line: string, change: (destination: string) => string | null): string {
  if (!line.includes('](')) return line;
  let mapped = '';
  let from = 0;
  /** Lengths of backtick runs that nothing closes on this line. */
  const unclosed = new Set<number>();
  for (let at = 0; at < line.length;) {
    const character = line[at];
    if (character === '\\') at += 2;
    else if (character === '`') at = afterCode(line, at, unclosed);
    else if (character === ']') {
      DESTINATION.lastIndex = at;
      const match = DESTINATION.exec(line);
      const changed = match === null ? null : change(match[1] ?? match[2] ?? '');
      if (match !== null && changed !== null) {
        mapped += `${line.slice(from, at)}](${changed}`;
        from = at + match[0].length;
      }
      at += match?.[0].length ?? 1;
    } else at++;
  }
  return mapped + line.slice(from);
}

/** Where the code span that begins at `at` ends; where it is none, the end of its backticks. */
function afterCode(line: string, at: number, unclosed: Set<number>): number {
  const length = runAt(line, at);
  if (!unclosed.has(length))
    for (let next = line.indexOf('`', at + length); next !== -1;) {
      const other = runAt(line, next);
      if (other === length) return next + other;
      next = line.indexOf('`', next + other);
    }
  unclosed.add(length);
  return at + length;
}

function runAt(line: string, at: number): number {
  let end = at;
  while (line[end] === '`') end++;
  return end - at;
}
