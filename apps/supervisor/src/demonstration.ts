import { createClient } from '@gleaner/sdk';
import { type FinishedJob, extractPage } from './jobs.js';
import type { Terminal } from './terminal.js';

const PREVIEW_LINES = 25;

export interface DemonstrationSite {
  readonly url: string;
  readonly pages: readonly { readonly path: string; readonly title: string; readonly kind: string }[];
}

export interface Demonstration {
  readonly url: string;
  readonly key: string;
  readonly site: DemonstrationSite;
  readonly terminal: Terminal;
  /** Puts the whole Markdown of the page that is shown on stdout. */
  readonly withResult: boolean;
  readonly signal: AbortSignal;
}

/** Extracts the pages of the site that comes with Gleaner, and shows what came out. True when all completed. */
export async function demonstrate({ url, key, site, terminal, withResult, signal }: Demonstration): Promise<boolean> {
  const client = createClient({ url, key });
  const rows: { page: DemonstrationSite['pages'][number]; finished: FinishedJob }[] = [];
  const shown = site.pages.find(({ kind }) => kind === 'article') ?? site.pages[0];
  terminal.say(`Demonstration: ${site.pages.length} pages of ${site.url}, one after the other`);
  for (const page of site.pages) {
    terminal.say(`\n${page.path}`);
    const finished = await extractPage(client, new URL(page.path, site.url).href, terminal, signal);
    rows.push({ page, finished });
    if (page === shown && finished.document !== undefined) preview(await client.markdown(finished.job.id), terminal, withResult);
  }
  terminal.say('');
  for (const line of table(rows.map(({ page, finished }) => rowOf(page, finished)))) terminal.say(line);
  for (const line of learnedLines(rows)) terminal.say(line);
  return rows.every(({ finished }) => finished.job.state === 'completed');
}

function preview(markdown: string, terminal: Terminal, withResult: boolean): void {
  const lines = markdown.split('\n');
  terminal.say('');
  for (const line of lines.slice(0, PREVIEW_LINES)) terminal.say(`  │ ${line}`);
  if (lines.length > PREVIEW_LINES) terminal.say(`  │ … ${lines.length - PREVIEW_LINES} more lines`);
  if (withResult) terminal.result(markdown);
}

function rowOf(page: DemonstrationSite['pages'][number], { job, document, durationMs }: FinishedJob): string[] {
  const method = document === undefined ? (job.error?.code ?? job.state) : document.extraction.method;
  return [page.path, document?.type ?? page.kind, document?.title ?? '-', method, document?.extraction.fetch ?? '-', `${durationMs} ms`];
}

function table(rows: readonly string[][]): string[] {
  const all = [['page', 'type', 'title', 'method', 'fetched by', 'time'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

/** Where a later page of a kind was read by the template that an earlier one taught. */
function learnedLines(rows: readonly { readonly page: DemonstrationSite['pages'][number]; readonly finished: FinishedJob }[]): string[] {
  const kinds = [...new Set(rows.map(({ page }) => page.kind))];
  return kinds.flatMap((kind) => {
    const [first, ...later] = rows.filter(({ page }) => page.kind === kind);
    const byTemplate = later.find(({ finished }) => finished.document?.extraction.method === 'template');
    if (first === undefined || byTemplate === undefined) return [];
    return [
      `  ${kind}: ${first.page.path} taught the template in ${first.finished.durationMs} ms, ${byTemplate.page.path} was read with it in ${byTemplate.finished.durationMs} ms`,
    ];
  });
}
