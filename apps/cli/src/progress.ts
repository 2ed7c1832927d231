import type { JobEvent } from '@gleaner/sdk';
import { createLogUpdate } from 'log-update';
import { formatDuration } from './duration.js';
import { JobStory } from './job-story.js';
import { type Terminal, plain } from './terminal.js';

/** Shows the events of a job to a person. */
export interface Progress {
  show(event: JobEvent): void;
  end(): void;
}

const FRAME_MS = 100;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export function createProgress(terminal: Terminal, job: { readonly id: string; readonly url: string }): Progress {
  return terminal.isLive ? liveProgress(terminal, new JobStory(job.url), job.id) : lineProgress(terminal);
}

/** One line per event: for logs and pipes. */
function lineProgress(terminal: Terminal): Progress {
  return {
    show: (event) => terminal.note(formatEvent(event)),
    end: () => undefined,
  };
}

function formatEvent(event: JobEvent): string {
  const words = [
    event.at,
    String(event.seq).padStart(3),
    event.type,
    event.stage ?? '',
    event.error === undefined ? '' : event.error.code,
    event.error?.detail ?? event.message ?? event.url ?? '',
  ];
  return plain(words.filter((word) => word !== '').join('  '));
}

/** One block that is rewritten in place. */
function liveProgress(terminal: Terminal, story: JobStory, id: string): Progress {
  const update = createLogUpdate(terminal.stderr as NodeJS.WriteStream);
  let frame = 0;
  const draw = (): void => update(renderStory(story, { terminal, id, now: Date.now(), spinner: SPINNER[frame++ % SPINNER.length] ?? '' }));
  const timer = setInterval(draw, FRAME_MS);
  draw();
  return {
    show: (event) => {
      story.add(event);
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

/** Cut to what the line has left beside `used` columns, so that no line wraps. */
function fit(text: string, terminal: Terminal, used: number): string {
  const columns = (terminal.stderr as { readonly columns?: number }).columns ?? 80;
  const width = Math.max(10, columns - used);
  const line = plain(text);
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
