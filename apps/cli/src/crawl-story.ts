import { type JobCounts, type JobEvent, type JobState, isFinalEvent } from '@gleaner/sdk';
import { formatDuration } from './duration.js';
import { fit } from './fit.js';
import { stateAfter } from './job-story.js';
import { type Terminal, plain } from './terminal.js';

const BAR_WIDTH = 24;
const MAX_FAILURES = 3;
/** Lines about pages that failed, where nothing is redrawn; after them the ledger tells. */
const MAX_FAILURE_LINES = 20;
const LINE_EVERY_MS = 5_000;

/** How the pages of a crawl are counted for people, in the order in which they are told. */
const ENDS = ['stored', 'unchanged', 'duplicate', 'failed', 'skipped'] as const satisfies readonly (keyof JobCounts)[];

/** `100 stored, 3 failed, 17 skipped`: how pages ended, without zeros. */
export function countsText(counts: JobCounts): string {
  const told = ENDS.filter((name) => counts[name] > 0).map((name) => `${counts[name]} ${name}`);
  return told.join(', ') || 'no page yet';
}

/** What the events of a crawl add up to. */
export class CrawlStory {
  readonly id: string;
  readonly url: string;
  state: JobState = 'queued';
  readonly failures: string[] = [];
  #counts: JobCounts | null = null;
  #message = '';
  #startedMs: number | null = null;
  #endedMs: number | null = null;

  constructor(id: string, url: string) {
    this.id = id;
    this.url = url;
  }

  /** `nowMs`: the clock that rate and time are reckoned by. */
  add(event: JobEvent, nowMs: number): void {
    this.#startedMs ??= nowMs;
    this.#counts = event.counts ?? this.#counts;
    this.state = stateAfter(event, this.state);
    if (event.type === 'page.failed') this.#fail(event);
    else if (!event.type.startsWith('page.')) this.#message = event.error?.detail ?? event.message ?? this.#message;
    if (isFinalEvent(event)) this.#endedMs = nowMs;
  }

  /** Pages that ended, of those that are known, how fast, how long still. */
  headline(nowMs: number): string {
    const { done, total } = this.#progress();
    const seconds = this.#elapsedMs(nowMs) / 1_000;
    const words = [`${done} of ${total} pages`];
    const rate = seconds > 0 ? done / seconds : 0;
    if (rate > 0) words.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/s`);
    if (rate > 0 && this.#endedMs === null && this.state === 'running' && total > done)
      words.push(`about ${formatDuration(((total - done) / rate) * 1_000)} left`);
    return words.join('  ');
  }

  get counted(): string {
    return this.#counts === null ? '' : countsText(this.#counts);
  }

  render(terminal: Terminal, nowMs: number, spinner: string): string {
    const status = terminal.mark(`${this.state}  ${formatDuration(this.#elapsedMs(nowMs))}`, 'dim');
    const lines = [`${this.#mark(terminal, spinner)} ${terminal.mark(fit(this.url, terminal, 24), 'bold')}  ${status}`];
    if (this.#counts !== null) {
      const { discovered, fetched, extracted, embedded } = this.#counts;
      lines.push(`  ${this.#bar(terminal)}  ${this.headline(nowMs)}`, `  ${this.counted}`);
      const stages = `found ${discovered}, fetched ${fetched}, extracted ${extracted}, embedded ${embedded}`;
      lines.push(terminal.mark(`  ${fit(stages, terminal, 2)}`, 'dim'));
    }
    for (const failure of this.failures) lines.push(`  ${terminal.mark('✘', 'red')} ${fit(failure, terminal, 4)}`);
    lines.push(terminal.mark(`  ${fit(`${this.id}  ${this.#message}`, terminal, 2)}`, 'dim'));
    return lines.join('\n');
  }

  #fail({ url, message, error }: JobEvent): void {
    this.failures.push(plain(`${error?.code ?? 'failed'}  ${url ?? ''}  ${error?.detail ?? message ?? ''}`));
    if (this.failures.length > MAX_FAILURES) this.failures.shift();
  }

  #progress(): { readonly done: number; readonly total: number } {
    const counts = this.#counts;
    if (counts === null) return { done: 0, total: 0 };
    const done = ENDS.reduce((sum, name) => sum + counts[name], 0);
    return { done, total: Math.max(done, counts.discovered) };
  }

  #elapsedMs(nowMs: number): number {
    return Math.max(0, (this.#endedMs ?? nowMs) - (this.#startedMs ?? nowMs));
  }

  #bar(terminal: Terminal): string {
    const { done, total } = this.#progress();
    const full = total === 0 ? 0 : Math.floor((done / total) * BAR_WIDTH);
    return terminal.mark('█'.repeat(full), 'cyan') + terminal.mark('░'.repeat(BAR_WIDTH - full), 'dim');
  }

  #mark(terminal: Terminal, spinner: string): string {
    if (this.state === 'completed') return terminal.mark('✔', 'green');
    if (this.state === 'failed') return terminal.mark('✘', 'red');
    return this.state === 'cancelled' ? terminal.mark('■', 'yellow') : terminal.mark(spinner, 'cyan');
  }
}

/** The same for logs and pipes: one line for what happens to the job, some for failures, and how far it is every five seconds. */
export class CrawlLines {
  readonly #story: CrawlStory;
  #lastMs = 0;
  #failures = 0;

  constructor(story: CrawlStory) {
    this.#story = story;
  }

  /** Time is that of the events. */
  of(event: JobEvent): string[] {
    const atMs = Date.parse(event.at);
    this.#story.add(event, atMs);
    if (event.type === 'page.failed') return this.#failureLines(event);
    const isAboutJob = !event.type.startsWith('page.') && event.type !== 'job.progress';
    if (!isAboutJob && (event.message === undefined || event.type !== 'job.progress') && atMs - this.#lastMs < LINE_EVERY_MS) return [];
    this.#lastMs = atMs;
    const said = event.type.startsWith('page.') ? '' : [event.error?.code, event.error?.detail ?? event.message].filter(Boolean).join('  ');
    const type = isAboutJob ? event.type : 'job.progress';
    const far = this.#story.counted === '' ? '' : `${this.#story.headline(atMs)}  ${this.#story.counted}`;
    return [plain([event.at, type, said, far].filter((word) => word !== '').join('  '))];
  }

  #failureLines(event: JobEvent): string[] {
    this.#failures++;
    if (this.#failures > MAX_FAILURE_LINES + 1) return [];
    const told = this.#story.failures.at(-1) ?? '';
    if (this.#failures <= MAX_FAILURE_LINES) return [plain(`${event.at}  ${event.type}  ${event.stage ?? ''}  ${told}`)];
    return [`further failures are not listed here: gleaner pages ${this.#story.id} --state failed`];
  }
}
