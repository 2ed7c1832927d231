import { failureReport } from '@gleaner/domain';
import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { PAUSE_JOB, RESUME_JOB, STEER_JOB, type SteerJobInput } from './contract.js';
import { PausedTooLong } from './failure.js';
import { PAUSE_LIMIT_MS } from './policies.js';
import { jobLog, steerTo } from './stages.js';
import type { Story } from './story.js';

const pauseJob = defineSignal(PAUSE_JOB);
const resumeJob = defineSignal(RESUME_JOB);
const steerJob = defineSignal<[SteerJobInput]>(STEER_JOB);

/** A job between two stages: passes at once, or waits while a caller wants it to. */
export class JobGate {
  private isWanted = false;
  private pauses = 0;
  private steeredTo: number | undefined;

  /** Told of a priority for the stages to come, for workflows beside this one. */
  onSteer: (priority: number) => void = () => undefined;

  constructor(
    private readonly jobId: string,
    private readonly story: Story,
    private readonly limitMs: number = PAUSE_LIMIT_MS,
  ) {
    // The last word counts: pausing twice is one pause, and a pause that is taken back before it began never was.
    setHandler(pauseJob, () => void (this.isWanted = true));
    setHandler(resumeJob, () => void (this.isWanted = false));
    setHandler(steerJob, ({ priority }) => {
      steerTo(priority);
      this.steeredTo = priority;
      this.onSteer(priority);
    });
  }

  /** A caller wants the job to wait. */
  get isClosed(): boolean {
    return this.isWanted;
  }

  /** The priority that the job was steered to; workflows beside this one do not inherit it. Undefined: it was not steered. */
  get priority(): number | undefined {
    return this.steeredTo;
  }

  /** Must stand before every stage. Throws PausedTooLong, and what a cancellation throws. */
  async pass(): Promise<void> {
    while (this.isWanted) {
      const key = `pause-${++this.pauses}`;
      await jobLog.pauseJob({ jobId: this.jobId, key });
      this.story.tell('paused');
      const resumed = await condition(() => !this.isWanted, this.limitMs);
      if (!resumed)
        throw new PausedTooLong(failureReport('CANCELLED', `It was paused for more than ${Math.round(this.limitMs / 86_400_000)} days.`));
      await jobLog.resumeJob({ jobId: this.jobId, key: `resume-${this.pauses}` });
      this.story.tell('resumed');
    }
  }
}
