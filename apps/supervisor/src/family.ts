import { join } from 'node:path';
import { Child, type ChildPlan } from './child.js';
import type { Plans } from './children.js';
import { LogFile } from './log-file.js';
import type { RunFolder } from './run-folder.js';

const MAX_WARNINGS = 5;
const WARNING_WINDOW_MS = 10_000;

export interface FamilySurroundings {
  readonly run: RunFolder;
  readonly logFolder: string;
  readonly warn: (line: string) => void;
  /** A child was started again. */
  readonly onChange: () => void;
}

/** All children: started together as far as they can be, stopped in the order that loses nothing. */
export class Family {
  readonly temporal: Child | undefined;
  readonly database: Child | undefined;
  readonly api: Child;
  readonly workers: readonly Child[];
  private readonly failure = new AbortController();

  constructor(
    plans: Plans,
    private readonly surroundings: FamilySurroundings,
  ) {
    const childOf = (plan: ChildPlan): Child => this.createChild(plan);
    this.temporal = plans.temporal && childOf(plans.temporal);
    this.database = plans.database && childOf(plans.database);
    this.api = childOf(plans.api);
    this.workers = plans.workers.map(childOf);
  }

  /** Aborted when a child cannot be brought up; the reason is an Error with one line. */
  get failed(): AbortSignal {
    return this.failure.signal;
  }

  get all(): readonly Child[] {
    return [this.temporal, this.database, this.api, ...this.workers].filter((child) => child !== undefined);
  }

  pids(): Record<string, number> {
    return Object.fromEntries(this.all.flatMap((child) => (child.pid === undefined ? [] : [[child.plan.name, child.pid]])));
  }

  /** From now on a child that dies is started again for ever. */
  settle(): void {
    for (const child of this.all) child.isFirstStart = false;
  }

  /** Workers finish what they hold and report it; so the API, the database and Temporal go after them, in this order. */
  async stop(): Promise<void> {
    for (const group of [this.workers, [this.api], [this.database], [this.temporal]]) {
      await Promise.all(group.filter((child) => child !== undefined).map((child) => child.stop()));
    }
  }

  kill(): void {
    for (const child of this.all) child.kill();
  }

  private createChild(plan: ChildPlan): Child {
    const log = new LogFile(join(this.surroundings.logFolder, `${plan.name}.log`));
    return new Child(plan, {
      run: this.surroundings.run,
      log,
      onWarning: limited(this.surroundings.warn, `${plan.name}: more in ${log.path}`),
      onStart: this.surroundings.onChange,
      onFatal: (line) => this.failure.abort(new Error(line)),
    });
  }
}

/** A child that repeats itself must not flood the terminal. */
function limited(warn: (line: string) => void, lastLine: string): (line: string) => void {
  let windowStart = 0;
  let count = 0;
  return (line) => {
    if (Date.now() - windowStart > WARNING_WINDOW_MS) {
      windowStart = Date.now();
      count = 0;
    }
    count++;
    if (count <= MAX_WARNINGS) warn(line);
    else if (count === MAX_WARNINGS + 1) warn(lastLine);
  };
}
