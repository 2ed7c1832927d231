import type { Client, CrawlChange, CrawlInput, CrawlResult, Job, JobChange } from '@gleaner/sdk';
import { type AskedFlags, isAsking, readAsked } from '../asked-flags.js';
import { countsText } from '../crawl-story.js';
import { formatDuration } from '../duration.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { followJob } from '../follow.js';
import { type Session, connect } from '../session.js';
import { plain } from '../terminal.js';
import { requireUrl } from './extract.js';

export interface ChangeFlags extends Omit<CrawlChange, 'include' | 'exclude'> {
  /** false: none. */
  readonly include?: readonly string[] | false;
  readonly exclude?: readonly string[] | false;
  readonly label?: readonly string[];
  readonly priority?: number;
}

export interface CrawlFlags extends Omit<CrawlInput, 'url' | 'embed' | 'deadlineSeconds' | 'fields' | 'schema'>, AskedFlags {
  /** false: no chunks, no embeddings. */
  readonly embed: boolean;
  readonly deadline?: number;
  readonly label?: readonly string[];
  readonly priority?: number;
  /** false: print the job and go; so does `detach`. */
  readonly wait: boolean;
  readonly detach?: boolean;
}

/** Crawls a site, shows how it goes, and says what came of it and what can be done with it. */
export async function crawl(session: Session, url: string, flags: CrawlFlags): Promise<ExitCode> {
  requireUrl(url);
  const asked = await readAsked(flags);
  const { client } = await connect(session);
  const { terminal, signal } = session;
  const { label, priority } = flags;
  const started = await client.crawl(
    { ...inputOf(url, flags), ...asked },
    {
      signal,
      ...(label === undefined ? {} : { labels: label }),
      ...(priority === undefined ? {} : { priority }),
    },
  );
  if (!flags.wait || flags.detach === true) {
    if (session.flags.json === true) terminal.json(started);
    else terminal.data(started.id);
    return EXIT.ok;
  }
  const job = await followJob(session, client, started);
  if (session.flags.json === true) terminal.json(job);
  else terminal.data(summaryOf(job));
  if (job.error !== null) terminal.error(`${plain(job.error.detail)} (${job.error.code})`);
  if (isAsking(flags) && job.state === 'completed') await tellOfFields(session, client, job);
  for (const line of nextSteps(job)) terminal.note(line);
  return job.state === 'completed' ? EXIT.ok : EXIT.failed;
}

function inputOf(
  url: string,
  { limit, depth, include, exclude, scope, sitemap, render, refresh, embed, concurrency, deadline }: CrawlFlags,
): CrawlInput {
  const given = { limit, depth, include, exclude, scope, sitemap, render, refresh, concurrency, deadlineSeconds: deadline };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Omit<CrawlInput, 'url'>;
  return { url, ...known, ...(embed ? {} : { embed: false }) };
}

/** What is missing is said, whoever asked and whatever was asked for. */
async function tellOfFields({ terminal, signal }: Session, client: Client, { id }: Job): Promise<void> {
  const { pages, incomplete = 0, usage } = await client.result<CrawlResult>(id, { signal });
  terminal.note(`${usage.modelCalls} model calls made, ${usage.modelCallsAvoided} avoided, ${usage.tokens} tokens, $${usage.costUsd}`);
  if (incomplete > 0)
    terminal.error(`${incomplete} of ${pages} pages lack a required field`, 'extraction.fields of each document says which');
}

function summaryOf({ id, input, state, counts, startedAt, finishedAt }: Job): string {
  const tookMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
  const took = Number.isNaN(tookMs) ? '' : ` in ${formatDuration(tookMs)}`;
  return `${id}  ${state}${took}  ${plain(input.url)}: ${counts.discovered} pages found, ${countsText(counts)}`;
}

function nextSteps({ id, state, counts }: Job): string[] {
  const steps: [command: string, does: string][] = [];
  if (counts.stored + counts.unchanged > 0) {
    steps.push([`gleaner export ${id} --format zip`, 'a Markdown file for each page']);
    steps.push([`gleaner export ${id}`, 'the documents, one a line']);
  }
  steps.push([`gleaner pages ${id}`, 'what became of each page']);
  if (counts.failed > 0) steps.push([`gleaner pages ${id} --state failed`, 'why pages failed']);
  if (counts.failed > 0 || state !== 'completed') steps.push([`gleaner retry ${id}`, 'does again what failed']);
  const width = Math.max(...steps.map(([command]) => command.length));
  return steps.map(([command, does]) => `  ${command.padEnd(width)}  ${does}`);
}

/** Changes a job while it runs. */
export async function changeJob(session: Session, id: string, flags: ChangeFlags): Promise<ExitCode> {
  const { limit, concurrency, priority, label } = flags;
  const patterns = (given: readonly string[] | false | undefined) => (given === false ? [] : given);
  const given = { limit, concurrency, priority, labels: label, include: patterns(flags.include), exclude: patterns(flags.exclude) };
  const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as JobChange;
  if (Object.keys(change).length === 0) throw new UsageError('say what to change, for example --limit 1000; see gleaner change --help');
  const { client } = await connect(session);
  const job = await client.change(id, change, { signal: session.signal });
  if (session.flags.json === true) session.terminal.json(job);
  else session.terminal.data(`${job.id}  ${job.state}, changed: ${Object.keys(change).join(', ')}`);
  return EXIT.ok;
}
