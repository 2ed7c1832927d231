import type { Job, JobState } from '@gleaner/sdk';
import { formatDuration } from './duration.js';
import { type Style, type Terminal, plain } from './terminal.js';

const STATE_STYLES: Readonly<Record<JobState, Style>> = {
  queued: 'dim',
  running: 'cyan',
  paused: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
};

export function formatState(terminal: Terminal, state: JobState): string {
  return terminal.paint(state, STATE_STYLES[state]);
}

/** A job for people, one fact a line. */
export function formatJob(terminal: Terminal, job: Job, now: number): string {
  const tookMs = Date.parse(job.finishedAt ?? '') || now;
  const counts = Object.entries(job.counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`);
  const facts: [string, string][] = [
    ['job', job.id],
    ['kind', job.kind],
    ['state', formatState(terminal, job.state)],
    ['url', plain(job.input.url)],
    ['created', job.createdAt],
    ['took', job.startedAt === null ? 'not started' : formatDuration(tookMs - Date.parse(job.startedAt))],
    ['pages', counts.join(', ') || 'none yet'],
    ...(job.usage.modelCalls > 0
      ? [['models', `${job.usage.modelCalls} calls, ${job.usage.tokens} tokens, $${job.usage.costUsd}`] as [string, string]]
      : []),
    ...(job.error === null ? [] : [['error', `${job.error.code}: ${plain(job.error.detail)}`] as [string, string]]),
    ...(job.workflow.uiUrl === null ? [] : [['workflow', job.workflow.uiUrl] as [string, string]]),
  ];
  return facts.map(([name, value]) => `${terminal.paint(name.padEnd(9), 'dim')} ${value}`).join('\n');
}
