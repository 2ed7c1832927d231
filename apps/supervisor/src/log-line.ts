const SHOWN = new Set(['warn', 'error', 'fatal']);
const MAX_CHARACTERS = 240;

/** What a line of a child's output says to a person: its text, and whether it should be seen at once. */
export interface LogLine {
  readonly isWarning: boolean;
  readonly text: string;
}

/** Reads a JSON line of our own logger; any other text is a warning when it came on stderr. */
export function readLogLine(line: string, isStandardError: boolean): LogLine {
  if (line.startsWith('{')) {
    try {
      const entry = JSON.parse(line) as { level?: unknown; msg?: unknown; err?: { message?: unknown }; error?: unknown };
      const cause = entry.err?.message ?? entry.error;
      const reason = typeof cause === 'string' ? `: ${cause.split('\n')[0]}` : '';
      if (typeof entry.msg === 'string') return { isWarning: SHOWN.has(String(entry.level)), text: shorten(entry.msg + reason) };
    } catch {
      // Not one of our lines: shown as it is.
    }
  }
  return { isWarning: isStandardError && line.trim() !== '', text: shorten(line.trim()) };
}

function shorten(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}
