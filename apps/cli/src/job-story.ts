import { type Failure, type JobCounts, type JobEvent, type JobState, type Stage, isFinalEvent } from '@gleaner/sdk';

export interface StageLine {
  readonly stage: Stage;
  readonly message: string;
  readonly durationMs: number;
  readonly hasFailed: boolean;
}

/** What the events of one job add up to. An event with a stage says that the stage is done. */
export class JobStory {
  readonly url: string;
  readonly stages: StageLine[] = [];
  state: JobState = 'queued';
  message = '';
  counts: JobCounts | null = null;
  error: Failure | null = null;
  startedAtMs: number | null = null;
  endedAtMs: number | null = null;
  #previousMs: number | null = null;

  constructor(url: string) {
    this.url = url;
  }

  add(event: JobEvent): void {
    const atMs = Date.parse(event.at);
    this.startedAtMs ??= atMs;
    this.error = event.error ?? this.error;
    this.counts = event.counts ?? this.counts;
    this.message = event.error?.detail ?? event.message ?? this.message;
    if (event.stage !== undefined) {
      const durationMs = atMs - (this.#previousMs ?? atMs);
      this.#put({
        stage: event.stage,
        message: event.error?.detail ?? event.message ?? '',
        durationMs,
        hasFailed: event.type === 'page.failed',
      });
    }
    this.#previousMs = atMs;
    this.state = stateAfter(event, this.state);
    if (isFinalEvent(event)) this.endedAtMs = atMs;
  }

  /** When the stage that is running now began; null when none is. */
  get waitingSinceMs(): number | null {
    return this.endedAtMs === null ? this.#previousMs : null;
  }

  /** A stage that ran twice keeps its place and shows its last word and its whole time. */
  #put(line: StageLine): void {
    const index = this.stages.findIndex((known) => known.stage === line.stage);
    const known = this.stages[index];
    if (known === undefined) this.stages.push(line);
    else this.stages[index] = { ...line, durationMs: known.durationMs + line.durationMs };
  }
}

/** The state of a job after an event. */
export function stateAfter(event: JobEvent, state: JobState): JobState {
  if (event.type === 'job.paused') return 'paused';
  if (!isFinalEvent(event)) return 'running';
  if (event.type === 'job.completed') return 'completed';
  return event.type === 'job.failed' ? 'failed' : event.type === 'job.cancelled' ? 'cancelled' : state;
}
