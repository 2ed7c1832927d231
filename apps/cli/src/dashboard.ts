import { type JobEvent, isFinalState } from '@gleaner/sdk';
import { formatDuration } from './duration.js';
import { fit } from './fit.js';
import { JobStory } from './job-story.js';
import type { Terminal } from './terminal.js';

const MAX_ACTIVE_LINES = 5;
const MAX_FAILURE_LINES = 3;
const STAGES = ['fetch', 'browser', 'learn', 'extract', 'analyze', 'embed', 'store'] as const;

/** Several jobs as one block: how far, how fast, how long still; stages with counts; what runs; what failed last. */
export class Dashboard {
  readonly #stories: ReadonlyMap<string, JobStory>;
  readonly #beganMs: number;
  #lastEndMs = 0;
  /** Ids in the order in which they failed. */
  readonly #failed: string[] = [];

  constructor(jobs: readonly { readonly id: string; readonly url: string }[], beganMs: number) {
    this.#stories = new Map(jobs.map(({ id, url }) => [id, new JobStory(url)]));
    this.#beganMs = beganMs;
  }

  /** `now`: the clock of this machine, which the rate is reckoned by; that of the API may differ. */
  add(event: JobEvent, now: number): void {
    const story = this.#stories.get(event.job);
    if (story === undefined || isFinalState(story.state)) return;
    story.add(event);
    if (story.state === 'failed') this.#failed.push(event.job);
    if (isFinalState(story.state)) this.#lastEndMs = now;
  }

  render(terminal: Terminal, now: number, spinner: string): string {
    const stories = [...this.#stories.values()];
    const active = stories.filter((story) => !isFinalState(story.state));
    const mark = active.length > 0 ? terminal.mark(spinner, 'cyan') : this.#endMark(terminal, stories);
    const lines = [`${mark} ${terminal.mark(this.#headline(stories, active.length, now), 'bold')}`];
    const stages = STAGES.map(
      (stage) => [stage, stories.filter((story) => story.stages.some((line) => line.stage === stage)).length] as const,
    );
    const passed = stages.filter(([, count]) => count > 0).map(([stage, count]) => `${stage} ${count}`);
    if (passed.length > 0) lines.push(terminal.mark(`  ${fit(passed.join(', '), terminal, 2)}`, 'dim'));
    const running = active.filter((story) => story.startedAtMs !== null);
    for (const story of running.slice(0, MAX_ACTIVE_LINES)) lines.push(activeLine(story, terminal, now));
    const hidden = active.length - Math.min(running.length, MAX_ACTIVE_LINES);
    if (hidden > 0) lines.push(terminal.mark(`    and ${hidden} more`, 'dim'));
    for (const id of this.#failed.slice(-MAX_FAILURE_LINES)) {
      const { url, error } = this.#stories.get(id) as JobStory;
      lines.push(`  ${terminal.mark('✘', 'red')} ${fit(`${error?.code ?? 'failed'}  ${url}  ${error?.detail ?? ''}`, terminal, 4)}`);
    }
    return lines.join('\n');
  }

  #headline(stories: readonly JobStory[], active: number, now: number): string {
    const done = stories.length - active;
    const endMs = active > 0 ? now : this.#lastEndMs;
    const elapsedMs = Math.max(0, endMs - this.#beganMs);
    const perSecond = elapsedMs === 0 ? 0 : done / (elapsedMs / 1_000);
    const words = [`${done} of ${stories.length} pages`];
    if (this.#failed.length > 0) words.push(`${this.#failed.length} failed`);
    if (done > 0) words.push(`${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`);
    if (done > 0 && active > 0) words.push(`about ${formatDuration((active / perSecond) * 1_000)} left`);
    words.push(formatDuration(elapsedMs));
    return words.join('  ');
  }

  #endMark(terminal: Terminal, stories: readonly JobStory[]): string {
    return stories.every((story) => story.state === 'completed') ? terminal.mark('✔', 'green') : terminal.mark('✘', 'red');
  }
}

function activeLine(story: JobStory, terminal: Terminal, now: number): string {
  const last = story.stages.at(-1)?.stage;
  const where = story.state === 'paused' ? 'paused' : last === undefined ? 'started' : `after ${last}`;
  const waitedMs = story.waitingSinceMs === null ? 0 : Math.max(0, now - story.waitingSinceMs);
  return `    ${where.padEnd(14)}${terminal.mark(formatDuration(waitedMs).padStart(9), 'dim')}  ${fit(story.url, terminal, 29)}`;
}
