import type { Element } from 'domhandler';
import { childElements, walkElements } from '../parse/elements.js';
import type { MarkdownContext } from './context.js';

interface Row {
  readonly cells: readonly Element[];
  readonly head: boolean;
}

const MAX_COLUMNS = 100;
/** Spans of longer tables are not spread: a few bytes of markup would become a hundred cells each. */
const MAX_SPANNED_ROWS = 2_000;

/** Rows of a table without those of tables inside it, whether or not the markup has sections. */
export function tableRows(table: Element): Row[] {
  const rows: Row[] = [];
  const collect = (element: Element, head: boolean): void => {
    for (const child of childElements(element)) {
      if (child.name === 'tr') rows.push({ cells: childElements(child).filter((cell) => cell.name === 'td' || cell.name === 'th'), head });
      else if (child.name === 'thead' || child.name === 'tbody' || child.name === 'tfoot') collect(child, child.name === 'thead');
    }
  };
  collect(table, false);
  return rows.filter((row) => row.cells.length > 0);
}

/** A table that only places boxes on the page: its cells are read one after the other. */
export function isLayoutTable(table: Element, rows: readonly Row[]): boolean {
  const { role } = table.attribs;
  if (role === 'presentation' || role === 'none') return true;
  if (rows.every((row) => row.cells.length <= 1)) return true;
  let nested = false,
    sections = 0;
  walkElements(table, (element) => {
    if (element.name === 'table' || element.name === 'h1' || element.name === 'h2' || element.name === 'article') nested = true;
    if (element.name === 'p' || element.name === 'h3') sections++;
  });
  return nested || (rows.length <= 2 && sections > 12);
}

function alignmentOf(cell: Element | undefined): string {
  const align = cell?.attribs['align'] ?? /text-align:\s*(left|right|center)/i.exec(cell?.attribs['style'] ?? '')?.[1];
  switch (align?.toLowerCase()) {
    case 'left':
      return ':---';
    case 'right':
      return '---:';
    case 'center':
      return ':---:';
    case undefined:
    default:
      return '---';
  }
}

const span = (value: string | undefined): number => Math.min(MAX_COLUMNS, Math.max(1, Number.parseInt(value ?? '1', 10) || 1));

/** Cells at their columns: spans leave empty cells, so that every row has the same shape. */
function gridOf(rows: readonly Row[], render: (cell: Element) => string): string[][] {
  const open: number[] = [];
  const spread = rows.length <= MAX_SPANNED_ROWS;
  return rows.map((row) => {
    const line: string[] = [];
    const skipSpanned = (): void => {
      while ((open[line.length] ?? 0) > 0 && line.length < MAX_COLUMNS) {
        open[line.length] = (open[line.length] ?? 1) - 1;
        line.push('');
      }
    };
    for (const cell of row.cells) {
      skipSpanned();
      const height = spread ? span(cell.attribs['rowspan']) : 1;
      const width = spread ? span(cell.attribs['colspan']) : 1;
      for (let column = 0; column < width && line.length < MAX_COLUMNS; column++) {
        if (height > 1) open[line.length] = height - 1;
        line.push(column === 0 ? render(cell) : '');
      }
    }
    skipSpanned();
    return line;
  });
}

/** A GFM table; cells are rendered by `renderCell`, on one line, with pipes escaped here. */
export function renderTable(
  table: Element,
  context: MarkdownContext,
  renderCell: (cell: Element, context: MarkdownContext) => string,
): string {
  const rows = tableRows(table);
  const cellContext = { ...context, inCell: true };
  const grid = gridOf(rows, (cell) => renderCell(cell, cellContext).replace(/\|/g, '\\|'));
  const columns = grid.reduce((most, line) => Math.max(most, line.length), 0);
  const [first] = rows;
  const hasHead = first !== undefined && (first.head || first.cells.every((cell) => cell.name === 'th'));
  const line = (cells: readonly string[]): string =>
    `| ${Array.from({ length: columns }, (_, column) => cells[column] ?? '').join(' | ')} |`;
  const rule = `| ${Array.from({ length: columns }, (_, column) => alignmentOf(first?.cells[column])).join(' | ')} |`;
  const head = hasHead ? (grid[0] ?? []) : [];
  const body = hasHead ? grid.slice(1) : grid;
  return [line(head), rule, ...body.map(line)].join('\n');
}
