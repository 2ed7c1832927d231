import type { Job, JobFilter, JobState, Page, RetryFrom } from '@gleaner/sdk';
import { formatAge } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { followJob } from '../follow.js';
import { formatJob, formatState } from '../job-text.js';
import { type Session, connect } from '../session.js';
import { formatTable } from '../table.js';
import { plain } from '../terminal.js';

export interface JobsFlags extends Pick<JobFilter, 'kind' | 'state' | 'label' | 'since'> {
  readonly limit: number;
  /** Where an earlier list ended. */
  readonly cursor?: string;
}

const MAX_PAGE = 100;

/** Newest first. Says on stderr how to see what follows. */
export async function listJobs(session: Session, { limit, cursor, ...filter }: JobsFlags): Promise<ExitCode> {
  const { client } = await connect(session);
  const { signal, terminal } = session;
  const jobs: Job[] = [];
  let next: string | null = cursor ?? null;
  do {
    const page: Page<Job> = await client.jobPage(
      { ...filter, pageSize: Math.min(limit - jobs.length, MAX_PAGE), ...(next === null ? {} : { cursor: next }) },
      { signal },
    );
    jobs.push(...page.items);
    next = page.next;
  } while (next !== null && jobs.length < limit);
  if (session.flags.json === true) terminal.json(jobs);
  else if (jobs.length === 0) terminal.note('No jobs. Start one with: gleaner extract URL');
  else terminal.text(jobTable(session, jobs));
  if (next !== null) terminal.note(`There are more: the same command with --cursor ${next}`);
  return EXIT.ok;
}

function jobTable({ terminal }: Session, jobs: readonly Job[]): string {
  const now = Date.now();
  return formatTable(
    terminal,
    ['JOB', 'KIND', 'STATE', 'CREATED', 'URL'],
    jobs.map((job) => [job.id, job.kind, formatState(terminal, job.state), formatAge(job.createdAt, now), plain(job.input.url)]),
  );
}

export async function showJob(session: Session, id: string): Promise<ExitCode> {
  const { client } = await connect(session);
  const job = await client.job(id, { signal: session.signal });
  if (session.flags.json === true) session.terminal.json(job);
  else session.terminal.text(formatJob(session.terminal, job, Date.now()));
  return exitCodeOf(job.state);
}

/** Follows to the end. With --json: one event a line, as it comes. */
export async function watchJob(session: Session, id: string, flags: { readonly after: number }): Promise<ExitCode> {
  const { client } = await connect(session);
  const { signal, terminal } = session;
  const job = await client.job(id, { signal });
  if (session.flags.json === true) {
    for await (const event of client.watch(id, { after: flags.after, signal })) terminal.data(JSON.stringify(event));
    return exitCodeOf((await client.job(id, { signal })).state);
  }
  const finished = await followJob(session, client, job, flags.after);
  if (finished.error !== null) terminal.error(`${plain(finished.error.detail)} (${finished.error.code})`);
  return exitCodeOf(finished.state);
}

type Verb = 'cancel' | 'pause' | 'resume' | 'retry';

/** Where the job is not yet what was asked for: the workflow does it between two stages. */
const UNDER_WAY: Readonly<Record<Verb, { readonly state: JobState; readonly words: string } | null>> = {
  cancel: { state: 'cancelled', words: 'asked to stop' },
  pause: { state: 'paused', words: 'asked to pause' },
  resume: { state: 'running', words: 'asked to go on' },
  retry: null,
};

/** Steers jobs, one after the other; the first that cannot be ends it. */
export async function steerJobs(session: Session, verb: Verb, ids: readonly string[], from?: RetryFrom): Promise<ExitCode> {
  const { client } = await connect(session);
  const jobs: Job[] = [];
  for (const id of ids) {
    const job = await client[verb](id, { signal: session.signal, ...(from === undefined ? {} : { from }) });
    jobs.push(job);
    if (session.flags.json === true) continue;
    const asked = UNDER_WAY[verb];
    const state = asked === null || job.state === asked.state ? job.state : `${job.state}, ${asked.words}`;
    session.terminal.data(`${job.id}  ${state}${verb === 'retry' && job.id !== id ? `, does ${id} again` : ''}`);
  }
  if (session.flags.json === true) session.terminal.json(jobs.length === 1 ? jobs[0] : jobs);
  return EXIT.ok;
}

function exitCodeOf(state: JobState): ExitCode {
  return state === 'failed' || state === 'cancelled' ? EXIT.failed : EXIT.ok;
}
