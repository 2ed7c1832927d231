import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { STABLE_AFTER_MS, restartPauseMs } from './backoff.js';
import { splitLines } from './line-splitter.js';
import type { LogFile } from './log-file.js';
import { type LogLine, readLogLine } from './log-line.js';
import type { RunFolder } from './run-folder.js';

/** A child that ends so asks for a person: starting it again cannot help. */
const NEEDS_A_PERSON = 78;
const MAX_DEATHS_AT_START = 3;

export interface ChildPlan {
  /** `temporal`, `database`, `api`, `worker-…`. */
  readonly name: string;
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** A Node child says `{ type: 'ready' }` over its channel, and ends when the channel closes. */
  readonly hasChannel: boolean;
  /** Killed when it has not ended this long after it was asked to. */
  readonly stopDeadlineMs: number;
}

export interface ChildSurroundings {
  readonly run: RunFolder;
  readonly log: LogFile;
  readonly onWarning: (line: string) => void;
  /** It runs (again). */
  readonly onStart: () => void;
  /** It cannot be brought up: why, in one line. */
  readonly onFatal: (line: string) => void;
}

/** A process that is kept alive: started again with back-off when it dies, until it is stopped. */
export class Child {
  private process: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  private isStopping = false;
  private deaths = 0;
  private startedAt = 0;
  private lastWords = '';
  private readonly pause = new AbortController();
  private markReady: () => void = () => undefined;
  /** Resolves when it has said once that it is ready. */
  readonly ready = new Promise<void>((settle) => (this.markReady = settle));
  /** While the first start lasts, a child that keeps dying ends it. */
  isFirstStart = true;

  constructor(
    readonly plan: ChildPlan,
    private readonly surroundings: ChildSurroundings,
  ) {}

  get pid(): number | undefined {
    return this.process?.pid;
  }

  start(): void {
    const { plan, surroundings } = this;
    this.startedAt = Date.now();
    // A process group of its own: Ctrl-C reaches the supervisor alone, which stops everything in order.
    const child = spawn(plan.command, [...plan.parameters], {
      env: plan.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(plan.hasChannel ? (['ipc'] as const) : [])],
    });
    this.process = child;
    if (child.pid !== undefined) surroundings.run.writePid(plan.name, child.pid);
    this.readOutput(child);
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') this.markReady();
    });
    this.exited = new Promise((settle) => {
      let isOver = false;
      const over = (code: number | null, reason: string): void => {
        if (isOver) return;
        isOver = true;
        this.process = undefined;
        surroundings.run.removePid(plan.name);
        killGroup(child.pid);
        settle();
        if (!this.isStopping) void this.revive(code, reason);
      };
      child.on('error', (error) => {
        if (child.pid === undefined) over(127, error.message);
      });
      child.on('exit', (code, signal) => over(code, signal === null ? `code ${code}` : signal));
    });
    surroundings.onStart();
  }

  /** Asks it to end, and kills it when it does not. Also ends what it started. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.pause.abort();
    const child = this.process;
    if (child?.pid === undefined) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => killGroup(child.pid), this.plan.stopDeadlineMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** At once, without asking. */
  kill(): void {
    this.isStopping = true;
    this.pause.abort();
    killGroup(this.process?.pid);
  }

  private async revive(code: number | null, reason: string): Promise<void> {
    const { plan, surroundings } = this;
    this.deaths = Date.now() - this.startedAt >= STABLE_AFTER_MS ? 1 : this.deaths + 1;
    const words = this.lastWords === '' ? '' : `: ${this.lastWords}`;
    if (code === NEEDS_A_PERSON) return surroundings.onFatal(`${plan.name} cannot go on${words}`);
    if (this.isFirstStart && this.deaths >= MAX_DEATHS_AT_START)
      return surroundings.onFatal(`${plan.name} died ${this.deaths} times (${reason})${words}; see ${surroundings.log.path}`);
    const pauseMs = restartPauseMs(this.deaths);
    surroundings.onWarning(`${plan.name} died (${reason}); starting it again${pauseMs > 0 ? ` in ${pauseMs / 1_000} s` : ''}`);
    await delay(pauseMs, undefined, { signal: this.pause.signal }).catch(() => undefined);
    if (!this.isStopping) this.start();
  }

  private readOutput(child: ChildProcess): void {
    this.lastWords = '';
    const streams = [
      [child.stdout, false],
      [child.stderr, true],
    ] as const;
    for (const [stream, isStandardError] of streams) {
      stream?.setEncoding('utf8');
      stream?.on(
        'data',
        splitLines((line) => this.readLine(line, readLogLine(line, isStandardError))),
      );
    }
  }

  private readLine(line: string, said: LogLine): void {
    this.surroundings.log.append(line);
    if (!said.isWarning) return;
    this.lastWords = said.text;
    if (!this.isStopping) this.surroundings.onWarning(`${this.plan.name}: ${said.text}`);
  }
}

/** The whole group: what a child started must not outlive it. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}
