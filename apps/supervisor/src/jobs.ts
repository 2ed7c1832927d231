import { type Client, type Document, type Job, type JobEvent, createClient } from '@gleaner/sdk';
import type { Terminal } from './terminal.js';

export interface FinishedJob {
  readonly job: Job;
  readonly document: Document | undefined;
  readonly durationMs: number;
}

/** Extracts one page and tells how it goes. Resolves also when the job fails; throws when the API cannot be reached. */
export async function extractPage(client: Client, url: string, terminal: Terminal, signal: AbortSignal): Promise<FinishedJob> {
  const startedAt = performance.now();
  const { id } = await client.startJob({ kind: 'extract', input: { url } }, { signal });
  for await (const event of client.watch(id, { signal })) terminal.say(`  ${describe(event, performance.now() - startedAt)}`);
  const job = await client.job(id, { signal });
  const document = job.state === 'completed' ? await client.result(id, { signal }) : undefined;
  return { job, document, durationMs: Math.round(performance.now() - startedAt) };
}

function describe(event: JobEvent, elapsedMs: number): string {
  const what = event.error === undefined ? (event.message ?? '') : `${event.error.code}: ${event.error.detail}`;
  return `${(elapsedMs / 1_000).toFixed(2).padStart(6)} s  ${event.type.padEnd(14)} ${what === '' ? (event.url ?? '') : what}`.trimEnd();
}

export interface NamedPages {
  readonly url: string;
  readonly key: string;
  readonly pages: readonly string[];
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** The pages that were named on the command line, one after the other; Markdown on stdout. True when all completed. */
export async function extractNamedPages(options: NamedPages): Promise<boolean> {
  const { terminal, signal, pages } = options;
  const client = createClient({ url: options.url, key: options.key });
  let areAllCompleted = true;
  for (const [index, page] of pages.entries()) {
    terminal.say(`extracting ${page}`);
    const { job, document, durationMs } = await extractPage(client, page, terminal, signal);
    if (job.state === 'completed') {
      if (index > 0) terminal.result('\n---\n');
      terminal.result(await client.markdown(job.id, { signal }));
      terminal.say(
        `  ${document?.title ?? page}, ${document?.extraction.method ?? '?'}, ${durationMs} ms; ${job.workflow.uiUrl ?? job.id}`,
      );
    } else {
      areAllCompleted = false;
      terminal.error(`${page}: ${job.state}${job.error === null ? '' : `, ${job.error.code}: ${job.error.detail}`}`);
    }
  }
  return areAllCompleted;
}
