import { type Client, type Job, type JobCounts, createClient } from '@gleaner/sdk';
import type { NamedPages } from './jobs.js';
import type { Terminal } from './terminal.js';

/** A line says how far it is, at most so often. */
const SAY_EVERY_MS = 2_000;

export interface NamedSites extends NamedPages {
  /** Puts the documents of all crawls on stdout, one JSON document a line. */
  readonly withResult: boolean;
}

/** The sites that were named on the command line, one after the other. True when all crawls completed. */
export async function crawlNamedSites({ url, key, pages, terminal, signal, withResult }: NamedSites): Promise<boolean> {
  const client = createClient({ url, key });
  let areAllCompleted = true;
  for (const start of pages) {
    terminal.say(`crawling ${start}`);
    const job = await follow(client, start, terminal, signal);
    terminal.say(`  ${job.state}: ${countsText(job.counts)}, ${job.progress.rate} pages a second; ${job.workflow.uiUrl ?? job.id}`);
    terminal.say(`  all of it: npm run gleaner -- export ${job.id} --format zip`);
    if (job.state !== 'completed') {
      areAllCompleted = false;
      terminal.error(`${start}: ${job.state}${job.error === null ? '' : `, ${job.error.code}: ${job.error.detail}`}`);
    }
    if (withResult && job.counts.stored + job.counts.unchanged > 0) await printDocuments(client, job.id, terminal, signal);
  }
  return areAllCompleted;
}

async function follow(client: Client, start: string, terminal: Terminal, signal: AbortSignal): Promise<Job> {
  const { id } = await client.crawl({ url: start }, { signal });
  let saidMs = 0;
  for await (const { at, type, url, error, message, counts } of client.watch(id, { signal })) {
    if (type === 'page.failed') terminal.say(`  failed  ${url ?? ''}  ${error?.code ?? ''} ${error?.detail ?? message ?? ''}`.trimEnd());
    if (counts === undefined || Date.parse(at) - saidMs < SAY_EVERY_MS) continue;
    saidMs = Date.parse(at);
    terminal.say(`  ${countsText(counts)}`);
  }
  return client.job(id, { signal });
}

async function printDocuments(client: Client, id: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const reader = (await client.export(id, { format: 'jsonl', signal })).getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    await terminal.resultPart(decoder.decode(value, { stream: true }));
  }
}

function countsText(counts: JobCounts): string {
  const ends = ['stored', 'unchanged', 'duplicate', 'failed', 'skipped'] as const;
  const told = ends.filter((name) => counts[name] > 0).map((name) => `, ${counts[name]} ${name}`);
  return `${counts.discovered} pages found${told.join('')}`;
}
