import { stripVTControlCharacters } from 'node:util';
import type { Terminal } from './terminal.js';

/** Columns aligned by the widest cell; the last one may be of any length. Cells may carry styles. */
export function formatTable(terminal: Terminal, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header.map((title) => terminal.paint(title, 'dim')), ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === line.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
