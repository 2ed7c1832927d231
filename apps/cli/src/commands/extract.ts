import { type Client, type Document, type ExtractInput, GleanerError, type Job, type RenderMode } from '@gleaner/sdk';
import { type AskedFlags, isAsking, readAsked } from '../asked-flags.js';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { reportFailure } from '../failure.js';
import { followJobs } from '../follow.js';
import { mapLimited } from '../map-limited.js';
import { type Session, connect } from '../session.js';
import { plain } from '../terminal.js';

export interface ExtractFlags extends AskedFlags {
  readonly render?: RenderMode;
  readonly fresh?: boolean;
  readonly label?: readonly string[];
  /** false: print the jobs and go. */
  readonly wait: boolean;
}

/** Requests under way when many jobs are started. */
const MAX_REQUESTS = 8;

/** A page whose job could not even be started. */
interface Refused {
  readonly url: string;
  readonly error: GleanerError;
}
type Started = Job | Refused;
const isRefused = (started: Started): started is Refused => !('id' in started);

/** Starts one job per URL, all at once, then prints each result in the order given. */
export async function extract(session: Session, urls: readonly string[], flags: ExtractFlags): Promise<ExitCode> {
  for (const url of urls) requireUrl(url);
  const asked = await readAsked(flags);
  const { client } = await connect(session);
  const { signal, terminal } = session;
  const started = await mapLimited(urls, MAX_REQUESTS, (url): Promise<Started> => {
    const start = client.startJob({ kind: 'extract', input: { ...inputOf(url, flags), ...asked }, ...labelsOf(flags) }, { signal });
    // One page that is refused must not stop the others.
    return urls.length === 1 ? start : start.catch((error: unknown) => refusalOf(url, error));
  });
  const jobs = started.filter((entry): entry is Job => !isRefused(entry));
  if (flags.wait) {
    const finished = new Map((await followJobs(session, client, distinct(jobs))).map((job) => [job.id, job]));
    return printResults(
      session,
      client,
      started.map((entry) => (isRefused(entry) ? entry : (finished.get(entry.id) ?? entry))),
      isAsking(flags),
    );
  }
  if (session.flags.json === true) terminal.json(urls.length === 1 ? jobs[0] : jobs);
  else for (const job of jobs) terminal.data(job.id);
  for (const { url, error } of started.filter(isRefused)) reportPage(session, url, `${plain(error.detail)} (${error.code})`);
  return jobs.length === urls.length ? EXIT.ok : EXIT.failed;
}

function inputOf(url: string, { render, fresh }: ExtractFlags): ExtractInput {
  return { url, ...(render === undefined ? {} : { render }), ...(fresh === true ? { fresh: true } : {}) };
}

function labelsOf({ label }: ExtractFlags): { readonly labels?: readonly string[] } {
  return label === undefined ? {} : { labels: label };
}

function refusalOf(url: string, error: unknown): Refused {
  if (error instanceof GleanerError && error.status < 500 && error.status !== 401 && error.status !== 403) return { url, error };
  throw error;
}

/** The same URL twice is one job, followed once. */
function distinct(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

async function printResults(session: Session, client: Client, entries: readonly Started[], isAsked: boolean): Promise<ExitCode> {
  const { signal, terminal, flags } = session;
  let exitCode: ExitCode = EXIT.ok;
  const documents: unknown[] = [];
  let printed = 0;
  for (const entry of entries) {
    if (isRefused(entry) || entry.state !== 'completed') {
      exitCode = EXIT.failed;
      documents.push(failureOf(session, entry));
      continue;
    }
    try {
      if (flags.json === true || isAsked) {
        const document = await client.result(entry.id, { signal });
        if (isAsked && !isComplete(session, document)) exitCode = EXIT.failed;
        if (flags.json === true) documents.push(document);
        else terminal.json(document.fields);
      } else terminal.data((printed++ > 0 ? '\n---\n\n' : '') + (await client.markdown(entry.id, { signal })));
    } catch (error) {
      // The other pages are done or under way: one unreadable result must not hide theirs.
      if (signal.aborted || entries.length === 1) throw error;
      exitCode = reportFailure(error, terminal);
    }
  }
  if (flags.json === true) terminal.json(entries.length === 1 ? documents[0] : documents);
  return exitCode;
}

/** Says what a page lacks of what it was asked for; false where something is required. */
function isComplete({ terminal }: Session, { url, extraction: { fields } }: Document): boolean {
  if (fields === undefined) return true;
  const { missing, problem } = fields;
  const named = (isRequired: boolean): string =>
    missing
      .filter(({ required }) => required === isRequired)
      .map(({ path, reason }) => `${plain(path)} (${reason})`)
      .join(', ');
  if (!fields.valid) terminal.error(`${url}: required and not there: ${named(true)}`);
  if (named(false) !== '') terminal.note(`${plain(url)}: not there: ${named(false)}`);
  if (problem !== undefined) terminal.note(`  no model answered: ${plain(problem.detail)} (${problem.code})`);
  return fields.valid;
}

/** Says what went wrong with a page; gives what --json prints in its place. */
function failureOf(session: Session, entry: Started): unknown {
  if (isRefused(entry)) {
    const { code, detail, retryable } = entry.error;
    reportPage(session, entry.url, `${plain(detail)} (${code})`);
    return { url: entry.url, job: null, state: 'refused', error: { code, detail, retryable } };
  }
  const { id, input, state, error } = entry;
  const isRetryable = error?.retryable === true || state === 'cancelled';
  reportPage(
    session,
    input.url,
    error === null ? state : `${plain(error.detail)} (${error.code})`,
    isRetryable ? `gleaner retry ${id} tries again` : `gleaner job ${id} tells more`,
  );
  return { url: input.url, job: id, state, error };
}

function reportPage({ terminal }: Session, url: string, problem: string, advice?: string): void {
  terminal.error(`${url}: ${problem}`, advice);
}

/** @throws UsageError that says how a URL looks. */
export function requireUrl(text: string): void {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    const isBareHost = !text.includes('://') && text.includes('.') && URL.canParse(`https://${text}`);
    const guess = isBareHost ? `; did you mean https://${text}` : ', like https://example.com/page';
    throw new UsageError(`${JSON.stringify(text)} is not an http or https URL${guess}`);
  }
}
