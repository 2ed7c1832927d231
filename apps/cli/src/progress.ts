import type { JobEvent, JobKind } from '@gleaner/sdk';
import { createLogUpdate } from 'log-update';
import { CrawlLines, CrawlStory } from './crawl-story.js';
import { Dashboard } from './dashboard.js';
import { formatDuration } from './duration.js';
import { fit } from './fit.js';
import { JobStory } from './job-story.js';
import { type Terminal, plain } from './terminal.js';

/** Shows the events of jobs to a person. */
export interface Progress {
  show(event: JobEvent): void;
  /** A line about the connection, not about a job. */
  notice(line: string): void;
  end(): void;
}

export interface FollowedJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly url: string;
}

const FRAME_MS = 100;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** One block that is rewritten in place on a terminal, one line per event elsewhere. */
export function createProgress(terminal: Terminal, jobs: readonly FollowedJob[]): Progress {
  const [only] = jobs;
  if (jobs.length === 1 && only?.kind === 'crawl') return crawlProgress(terminal, only);
  if (!terminal.isLive) return lineProgress(terminal, jobs.length > 1);
  if (jobs.length === 1 && only !== undefined) {
    const story = new JobStory(only.url);
    return liveProgress(
      terminal,
      (event) => story.add(event),
      (now, spinner) => renderStory(story, { terminal, id: only.id, now, spinner }),
    );
  }
  const dashboard = new Dashboard(jobs, Date.now());
  return liveProgress(
    terminal,
    (event) => dashboard.add(event, Date.now()),
    (now, spinner) => dashboard.render(terminal, now, spinner),
  );
}

function crawlProgress(terminal: Terminal, { id, url }: FollowedJob): Progress {
  const story = new CrawlStory(id, url);
  if (terminal.isLive)
    return liveProgress(
      terminal,
      (event) => story.add(event, Date.now()),
      (now, spinner) => story.render(terminal, now, spinner),
    );
  const lines = new CrawlLines(story);
  return {
    show: (event) => {
      for (const line of lines.of(event)) terminal.note(line);
    },
    notice: (line) => terminal.note(line),
    end: () => undefined,
  };
}

/** For logs and pipes. With several jobs each line names its own. */
function lineProgress(terminal: Terminal, isNamed: boolean): Progress {
  return {
    show: (event) => terminal.note(formatEvent(event, isNamed)),
    notice: (line) => terminal.note(line),
    end: () => undefined,
  };
}

function formatEvent(event: JobEvent, isNamed: boolean): string {
  const words = [
    event.at,
    isNamed ? event.job : '',
    String(event.seq).padStart(3),
    event.type,
    event.stage ?? '',
    event.error === undefined ? '' : event.error.code,
    event.error?.detail ?? event.message ?? event.url ?? '',
  ];
  return plain(words.filter((word) => word !== '').join('  '));
}

function liveProgress(terminal: Terminal, add: (event: JobEvent) => void, render: (now: number, spinner: string) => string): Progress {
  const update = createLogUpdate(terminal.stderr as NodeJS.WriteStream);
  let frame = 0;
  let note = '';
  const draw = (): void => {
    const block = render(Date.now(), SPINNER[frame++ % SPINNER.length] ?? '');
    update(note === '' ? block : `${block}\n  ${terminal.mark(fit(note, terminal, 2), 'yellow')}`);
  };
  const timer = setInterval(draw, FRAME_MS);
  draw();
  return {
    show: (event) => {
      // Something came through: what was said of the connection is over.
      note = '';
      add(event);
      draw();
    },
    notice: (line) => {
      note = line;
      draw();
    },
    end: () => {
      clearInterval(timer);
      draw();
      update.done();
    },
  };
}

interface Drawing {
  readonly terminal: Terminal;
  readonly id: string;
  readonly now: number;
  readonly spinner: string;
}

function renderStory(story: JobStory, drawing: Drawing): string {
  const { terminal, id, now } = drawing;
  const elapsedMs = (story.endedAtMs ?? now) - (story.startedAtMs ?? now);
  const status = terminal.mark(`${story.state}  ${formatDuration(elapsedMs)}`, 'dim');
  const lines = [`${stateMark(story, drawing)} ${terminal.mark(fit(story.url, terminal, 24), 'bold')}  ${status}`];
  for (const stage of story.stages) {
    const mark = stage.hasFailed ? terminal.mark('✘', 'red') : terminal.mark('✔', 'green');
    lines.push(`${stageLine(drawing, mark, stage.stage, stage.durationMs)}  ${fit(stage.message, terminal, 26)}`);
  }
  if (story.endedAtMs === null) {
    const waitedMs = story.waitingSinceMs === null ? 0 : Math.max(0, now - story.waitingSinceMs);
    lines.push(stageLine(drawing, terminal.mark(drawing.spinner, 'cyan'), story.state === 'queued' ? 'queued' : 'working', waitedMs));
  } else if (story.state !== 'completed' && story.message !== '') lines.push(`  ${fit(story.message, terminal, 4)}`);
  const counts = Object.entries(story.counts ?? {}).filter(([, count]) => count > 0);
  lines.push(terminal.mark(`  ${[id, ...counts.map(([name, count]) => `${name} ${count}`)].join('  ')}`, 'dim'));
  return lines.join('\n');
}

function stateMark({ state }: JobStory, { terminal, spinner }: Drawing): string {
  if (state === 'completed') return terminal.mark('✔', 'green');
  if (state === 'failed') return terminal.mark('✘', 'red');
  return state === 'cancelled' ? terminal.mark('■', 'yellow') : terminal.mark(spinner, 'cyan');
}

function stageLine({ terminal }: Drawing, mark: string, name: string, durationMs: number): string {
  return `  ${mark} ${name.padEnd(8)}${terminal.mark(formatDuration(durationMs).padStart(9), 'dim')}`;
}
