import { Fault } from '@gleaner/domain';
import type { CpuTasks } from '@gleaner/activities';
import pLimit from 'p-limit';
import { Piscina } from 'piscina';
import type { ThreadSettings } from './thread-blobs.js';

export interface CpuPoolOptions {
  readonly threads: number;
  /** Longest time of one task in its thread; the thread is then ended and replaced. */
  readonly timeoutMs: number;
  /** Module whose exports are the tasks. */
  readonly threadModule?: URL;
  /** Largest heap of a thread; one that needs more is ended and replaced. Default 1 GB. */
  readonly maxHeapMb?: number;
  /** For tasks that read and write bodies. */
  readonly threadSettings?: ThreadSettings;
}

export interface CpuPool extends CpuTasks, AsyncDisposable {}

/** A page of 10 MB needs about 300 MB as a tree; more than this is a hostile one. */
const MAX_THREAD_HEAP_MB = 1_024;
/**
 * A thread at its limit gets 16 MB more to be ended in; a collection that moves more than that out of the young generation
 * aborts the whole process instead (seen under load with V8's default of 48 MB).
 */
const MAX_YOUNG_HEAP_MB = 16;

/** Parsing threads: they keep the event loop, and with it heartbeats and polls, free. First come, first served, but for the batches of crawls. */
export function createCpuPool({
  threads,
  timeoutMs,
  threadModule = new URL('./cpu-thread.js', import.meta.url),
  maxHeapMb = MAX_THREAD_HEAP_MB,
  threadSettings,
}: CpuPoolOptions): CpuPool {
  const pool = new Piscina({
    filename: threadModule.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 60_000,
    workerData: threadSettings,
    // Whatever its process was started with (an inspector, a test runner's conditions) is not for a thread.
    execArgv: ['--enable-source-maps'],
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: MAX_YOUNG_HEAP_MB },
  });
  // A task waits here and not in the pool, so that its time limit starts when it does.
  const turn = pLimit(threads);
  // Batches of crawls wait in a line of their own, and enter the other one only with a thread that another batch has left: whoever wants one
  // page parsed waits for one batch at most, not for all of them.
  const batchTurn = pLimit(threads);

  async function run(name: Extract<keyof CpuTasks, string>, input: unknown, signal: AbortSignal): Promise<unknown> {
    const work = turn(async () => {
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        return await pool.run(input, { name, signal: AbortSignal.any([signal, timeout]) });
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.aborted) throw new Fault('PARSE_TIMEOUT', { detail: `The page kept a parsing thread for more than ${timeoutMs} ms.` });
        if (isOutOfMemory(error))
          throw new Fault('PARSE_TIMEOUT', { detail: `The page needs more than ${maxHeapMb} MB to parse.`, cause: error });
        throw error;
      }
    });
    return untilAborted(work, signal);
  }

  async function runBatch(input: unknown, signal: AbortSignal): Promise<unknown> {
    const work = batchTurn(() => {
      signal.throwIfAborted();
      return run('crawlPages', input, signal);
    });
    return untilAborted(work, signal);
  }

  return {
    extract: (input, signal) => run('extract', input, signal) as ReturnType<CpuTasks['extract']>,
    acceptAnswers: (input, signal) => run('acceptAnswers', input, signal) as ReturnType<CpuTasks['acceptAnswers']>,
    prune: (input, signal) => run('prune', input, signal) as ReturnType<CpuTasks['prune']>,
    crawlPages: (input, signal) => runBatch(input, signal) as ReturnType<CpuTasks['crawlPages']>,
    sampleCandidates: (input, signal) => run('sampleCandidates', input, signal) as ReturnType<CpuTasks['sampleCandidates']>,
    learn: (input, signal) => run('learn', input, signal) as ReturnType<CpuTasks['learn']>,
    chunk: (input, signal) => run('chunk', input, signal) as ReturnType<CpuTasks['chunk']>,
    analyze: (input, signal) => run('analyze', input, signal) as ReturnType<CpuTasks['analyze']>,
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** Who is cancelled while it waits for its turn does not wait on. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
