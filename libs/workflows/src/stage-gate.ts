import { condition } from '@temporalio/workflow';

/** What stands before the stages of a crawl, which run side by side: while it is closed none begins; what runs goes on to its end. */
export class StageGate {
  private active = 0;

  constructor(private readonly isClosed: () => boolean) {}

  /** No stage runs. */
  get isIdle(): boolean {
    return this.active === 0;
  }

  /** Runs the stage as soon as the gate is open. Throws what the stage throws, and what a cancellation throws. */
  async run<T>(stage: () => Promise<T>): Promise<T> {
    while (this.isClosed()) await condition(() => !this.isClosed());
    this.active++;
    try {
      return await stage();
    } finally {
      this.active--;
    }
  }
}
