import type { Job, JobFilter, JobState } from '@gleaner/sdk';
import { formatAge } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { followJob } from '../follow.js';
import { formatJob, formatState } from '../job-text.js';
import { type Session, connect } from '../session.js';
import { formatTable } from '../table.js';
import { plain } from '../terminal.js';

export interface JobsFlags extends Pick<JobFilter, 'kind' | 'state' | 'label' | 'since'> {
  readonly limit: number;
}

/** Newest first. */
export async function listJobs(session: Session, { limit, ...filter }: JobsFlags): Promise<ExitCode> {
  const { client } = await connect(session);
  const jobs: Job[] = [];
  for await (const job of client.jobs({ ...filter, pageSize: Math.min(limit, 100) }, { signal: session.signal })) {
    jobs.push(job);
    if (jobs.length >= limit) break;
  }
  const { terminal } = session;
  if (session.flags.json === true) terminal.json(jobs);
  else if (jobs.length === 0) terminal.note('No jobs. Start one with: gleaner extract URL');
  else {
    const now = Date.now();
    terminal.text(
      formatTable(
        terminal,
        ['JOB', 'KIND', 'STATE', 'CREATED', 'URL'],
        jobs.map((job) => [job.id, job.kind, formatState(terminal, job.state), formatAge(job.createdAt, now), plain(job.input.url)]),
      ),
    );
  }
  return EXIT.ok;
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

export async function cancelJob(session: Session, id: string): Promise<ExitCode> {
  const { client } = await connect(session);
  const job = await client.cancel(id, { signal: session.signal });
  if (session.flags.json === true) session.terminal.json(job);
  else session.terminal.data(`${job.id}  ${job.state === 'cancelled' ? 'cancelled' : `${job.state}, asked to stop`}`);
  return EXIT.ok;
}

function exitCodeOf(state: JobState): ExitCode {
  return state === 'failed' || state === 'cancelled' ? EXIT.failed : EXIT.ok;
}
