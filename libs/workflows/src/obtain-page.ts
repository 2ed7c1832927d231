import {
  type ExtractOutcome,
  type FetchOutcome,
  type FetchPageInput,
  type RenderMode,
  type Snapshot,
  failureReport,
} from '@gleaner/domain';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { type JobWorkflowInput, SEARCH_ATTRIBUTES } from './contract.js';
import { PageRefused, refusalOf } from './failure.js';
import type { JobRun } from './run-job.js';
import { browserStage, extractStage, fetchStage, jobLog, storeStage } from './stages.js';
import type { Story } from './story.js';

export interface PageRequest {
  readonly jobId: string;
  readonly url: string;
  readonly render: RenderMode;
  readonly fresh: boolean;
  /** See `ExtractDocumentInput`. */
  readonly askedBy?: string;
}

export interface ObtainedPage {
  readonly snapshot: Snapshot;
  readonly extracted: Extract<ExtractOutcome, { kind: 'extracted' | 'unknown_template' }>;
  readonly fetchMs: number;
  readonly extractMs: number;
}

/**
 * Fetches a page and extracts it: by HTTP first, in the browser when HTTP is refused in a way a browser may pass, or when
 * the page is an empty shell; that is remembered for the site. Throws PageRefused with the reason that helps most.
 */
export async function obtainPage(request: PageRequest, run: JobRun, stored: Snapshot | null): Promise<ObtainedPage> {
  const { story, gate } = run;
  await gate.pass();
  const first = stored === null ? await fetchFirst(request, run) : { snapshot: stored, fetchMs: 0 };
  await gate.pass();
  const extracted = await extract(request, first.snapshot);
  if (isDocument(extracted)) return obtained(first, extracted);
  if (extracted.kind === 'empty') throw new PageRefused(failureReport('EMPTY_CONTENT', extracted.detail));
  if (request.render === 'never' || first.snapshot.method === 'browser') {
    throw new PageRefused(
      failureReport(
        'EMPTY_CONTENT',
        `${request.url} has no text of its own: it is built by JavaScript${request.render === 'never' ? ' and render is "never"' : ''}.`,
      ),
    );
  }
  story.tell('an empty shell: rendered again in the browser');
  await gate.pass();
  const rendered = await render(request, story);
  if (rendered.kind === 'refused') throw refusalOf(rendered);
  await gate.pass();
  const second = await extract(request, rendered.snapshot);
  if (!isDocument(second)) throw new PageRefused(failureReport('EMPTY_CONTENT', `${request.url} has no text, not even in the browser.`));
  for (const url of new Set([request.url, rendered.snapshot.finalUrl])) await storeStage.rememberBrowser({ url });
  return obtained({ snapshot: rendered.snapshot, fetchMs: first.fetchMs + rendered.durationMs }, second);
}

function isDocument(outcome: ExtractOutcome): outcome is ObtainedPage['extracted'] {
  return outcome.kind === 'extracted' || outcome.kind === 'unknown_template';
}

function obtained(page: { readonly snapshot: Snapshot; readonly fetchMs: number }, extracted: ObtainedPage['extracted']): ObtainedPage {
  return { ...page, extracted, extractMs: extracted.durationMs };
}

function extract(request: PageRequest, snapshot: Snapshot): Promise<ExtractOutcome> {
  const { jobId, askedBy } = request;
  return extractStage.extractDocument({ jobId, snapshot, unknownTemplate: 'report', ...(askedBy === undefined ? {} : { askedBy }) });
}

/** The page that a job which is done again goes on from: what was stored then, if the fetch was not what failed. */
export async function resumePoint(
  { ownerId, retryOf }: JobWorkflowInput,
  request: PageRequest,
  { story, gate }: JobRun,
): Promise<Snapshot | null> {
  if (retryOf === undefined || request.fresh) return null;
  await gate.pass();
  const { jobId, url, render: mode } = request;
  const snapshot = await jobLog.findResumePoint({ jobId, url, render: mode, ownerId, retryOf });
  if (snapshot !== null) story.tell(`goes on from the page that was fetched ${snapshot.fetchedAt}`);
  return snapshot;
}

function fetchInput({ jobId, url, render: mode, fresh }: PageRequest): FetchPageInput {
  return { jobId, url, render: mode, fresh, step: 'page' };
}

async function fetchFirst(
  request: PageRequest,
  { story, gate }: JobRun,
): Promise<{ readonly snapshot: Snapshot; readonly fetchMs: number }> {
  const outcome = request.render === 'always' ? await render(request, story) : await fetchStage.fetchPage(fetchInput(request));
  if (outcome.kind === 'fetched') {
    story.tell(
      `fetched ${outcome.snapshot.finalUrl}: ${outcome.snapshot.status}, ${outcome.snapshot.body.bytes} bytes by ${outcome.snapshot.method}${outcome.notModified ? ', not modified' : ''}`,
    );
    return { snapshot: outcome.snapshot, fetchMs: outcome.durationMs };
  }
  if (outcome.kind === 'refused' && !(request.render === 'auto' && browserMayPass(outcome))) throw refusalOf(outcome);
  await gate.pass();
  const rendered = await render(request, story);
  if (rendered.kind === 'fetched') return { snapshot: rendered.snapshot, fetchMs: outcome.durationMs + rendered.durationMs };
  // What the site said to plain HTTP tells more than a browser that is missing.
  throw refusalOf(outcome.kind === 'refused' ? outcome : rendered);
}

/** Sites that turn away clients which are not browsers answer so; 404 or robots.txt would only be repeated. */
function browserMayPass(outcome: Extract<FetchOutcome, { kind: 'refused' }>): boolean {
  return outcome.reason === 'http_error' && [401, 403, 406, 418].includes(outcome.status ?? 0);
}

async function render(request: PageRequest, story: Story): Promise<FetchOutcome> {
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.stage, value: 'browser' }]);
  const outcome = await browserStage.renderPage(fetchInput(request));
  if (outcome.kind === 'fetched') story.tell(`rendered ${outcome.snapshot.finalUrl}: ${outcome.snapshot.body.bytes} bytes`);
  return outcome;
}
