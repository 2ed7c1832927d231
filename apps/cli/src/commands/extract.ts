import type { Client, ExtractInput, Job, RenderMode } from '@gleaner/sdk';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { reportFailure } from '../failure.js';
import { followJob } from '../follow.js';
import { type Session, connect } from '../session.js';
import { plain } from '../terminal.js';

export interface ExtractFlags {
  readonly render?: RenderMode;
  readonly fresh?: boolean;
  /** false: print the jobs and go. */
  readonly wait: boolean;
}

/** Starts one job per URL, all at once, then prints each result in the order given. */
export async function extract(session: Session, urls: readonly string[], flags: ExtractFlags): Promise<ExitCode> {
  for (const url of urls) requireUrl(url);
  const { client } = await connect(session);
  const { signal } = session;
  const input = (url: string): ExtractInput => ({
    url,
    ...(flags.render === undefined ? {} : { render: flags.render }),
    ...(flags.fresh === true ? { fresh: true } : {}),
  });
  const started: Job[] = [];
  for (const url of urls) started.push(await client.startJob({ kind: 'extract', input: input(url) }, { signal }));
  if (!flags.wait) {
    if (session.flags.json === true) session.terminal.json(urls.length === 1 ? started[0] : started);
    else for (const job of started) session.terminal.data(job.id);
    return EXIT.ok;
  }
  return printResults(session, client, started);
}

async function printResults(session: Session, client: Client, jobs: readonly Job[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const documents: unknown[] = [];
  for (const [index, started] of jobs.entries()) {
    const job = await followJob(session, client, started);
    if (job.state !== 'completed') {
      exitCode = EXIT.failed;
      documents.push({ url: job.input.url, job: job.id, state: job.state, error: job.error });
      session.terminal.error(
        `${job.input.url}: ${job.error === null ? job.state : `${plain(job.error.detail)} (${job.error.code})`}`,
        `gleaner job ${job.id} tells more`,
      );
      continue;
    }
    try {
      if (session.flags.json === true) documents.push(await client.result(job.id, { signal: session.signal }));
      else session.terminal.data((index > 0 ? '\n---\n\n' : '') + (await client.markdown(job.id, { signal: session.signal })));
    } catch (error) {
      // The other pages are done or under way: one unreadable result must not hide theirs.
      if (session.signal.aborted || jobs.length === 1) throw error;
      exitCode = reportFailure(error, session.terminal);
    }
  }
  if (session.flags.json === true) session.terminal.json(jobs.length === 1 ? documents[0] : documents);
  return exitCode;
}

/** @throws UsageError that says how a URL looks. */
export function requireUrl(text: string): void {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    const isBareHost = !text.includes('://') && text.includes('.') && URL.canParse(`https://${text}`);
    const guess = isBareHost ? `; did you mean https://${text}` : ', like https://example.com/page';
    throw new UsageError(`${JSON.stringify(text)} is not an http or https URL${guess}`);
  }
}
