import { type Terminal, plain } from './terminal.js';

/** Cut to what the line has left beside `used` columns, so that no line wraps. */
export function fit(text: string, terminal: Terminal, used: number): string {
  const columns = (terminal.stderr as { readonly columns?: number }).columns ?? 80;
  const width = Math.max(10, columns - used);
  const line = plain(text);
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
