import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExtractResult, PageBody } from '@gleaner/activities';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CpuPool, createCpuPool } from './cpu-pool.js';

/** Tasks that do what hostile pages make a parser do; the page's bytes are shared memory that shows how far they came. */
const THREAD = `
export function extract({ body }) {
  const seen = new Int32Array(body.bytes.buffer);
  Atomics.add(seen, 0, 1);
  Atomics.notify(seen, 0);
  if (body.url === 'spin') for (;;) Atomics.add(seen, 1, 1);
  if (body.url === 'greedy') for (const kept = []; ; ) kept.push(Array.from({ length: 10_000 }, (_, n) => ({ n })));
  if (body.url === 'exit') process.exit(7);
  if (body.url === 'throw') throw new Error('a fault of the parser');
  if (body.url === 'deep') { const dive = () => dive() + 1; dive(); }
  if (body.url === 'hold') Atomics.wait(seen, 2, 0);
  return { kind: 'empty', detail: body.url };
}
export function crawlPages({ pages: [shared] }) {
  const seen = new Int32Array(shared);
  Atomics.add(seen, 0, 1);
  Atomics.wait(seen, 2, 0);
  return { pages: [] };
}
`;
const TIMEOUT_MS = 1_500;

let folder: string;
let threadModule: URL;
let pool: CpuPool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-cpu-'));
  threadModule = pathToFileURL(join(folder, 'thread.mjs'));
  await writeFile(threadModule, THREAD);
});

afterEach(async () => await pool[Symbol.asyncDispose]());
afterAll(async () => await rm(folder, { recursive: true }));

function make(threads: number, { maxHeapMb = 64, timeoutMs = TIMEOUT_MS } = {}): void {
  pool = createCpuPool({ threads, timeoutMs, threadModule, maxHeapMb });
}

interface Task {
  readonly result: Promise<ExtractResult>;
  /** Started, turns of its loop, released. */
  readonly memory: Int32Array;
}

function start(what: string, signal = new AbortController().signal): Task {
  const shared = new SharedArrayBuffer(12);
  const body: PageBody = { bytes: new Uint8Array(shared), charset: 'utf-8', contentType: 'text/html', url: what };
  return { result: pool.extract({ body, templates: [], unknownTemplate: 'general' }, signal), memory: new Int32Array(shared) };
}

async function started({ memory }: Pick<Task, 'memory'>): Promise<void> {
  await expect.poll(() => Atomics.load(memory, 0), { timeout: 10_000 }).toBe(1);
}

function startBatch(): Pick<Task, 'memory'> & { readonly result: Promise<unknown> } {
  const shared = new SharedArrayBuffer(12);
  const task = { pages: [shared], maxChunkTokens: 0, embedding: { mode: 'none' } } as unknown as Parameters<CpuPool['crawlPages']>[0];
  return { result: pool.crawlPages(task, new AbortController().signal), memory: new Int32Array(shared) };
}

function release(memory: Int32Array): void {
  Atomics.store(memory, 2, 1);
  Atomics.notify(memory, 2);
}

async function standsStill({ memory }: Task): Promise<void> {
  const next = async (): Promise<boolean> => {
    const before = Atomics.load(memory, 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return Atomics.load(memory, 1) === before;
  };
  await expect.poll(next, { timeout: 10_000 }).toBe(true);
}

describe('a parsing thread', () => {
  it('that spins is ended at its limit, while the others go on and the pool is whole afterwards', async () => {
    make(2);
    const spinning = start('spin');
    const failure = spinning.result.catch((error: unknown) => error);
    await started(spinning);
    for (let n = 0; n < 20; n++) expect(await start(`page ${n}`).result).toEqual({ kind: 'empty', detail: `page ${n}` });
    expect(await failure).toMatchObject({ code: 'PARSE_TIMEOUT' });
    await standsStill(spinning);
    const both = [start('hold'), start('hold')];
    await Promise.all(both.map(started)); // two threads again, at the same time
    for (const { memory } of both) release(memory);
    expect(await Promise.all(both.map(({ result }) => result))).toHaveLength(2);
  });

  it('that needs too much memory is ended, and the process lives', async () => {
    // Filling the heap takes long on a busy machine; it is the heap that has to end it.
    make(1, { timeoutMs: 60_000 });
    await expect(start('greedy').result).rejects.toMatchObject({ code: 'PARSE_TIMEOUT', message: expect.stringContaining('MB') as string });
    expect(await start('next').result).toMatchObject({ detail: 'next' });
  });

  it('is ended by a cancellation, which keeps its reason', async () => {
    make(1);
    const controller = new AbortController();
    const spinning = start('spin', controller.signal);
    await started(spinning);
    controller.abort(new Error('cancelled by the user'));
    await expect(spinning.result).rejects.toThrow('cancelled by the user');
    await standsStill(spinning);
    expect(await start('next').result).toMatchObject({ detail: 'next' });
  });

  it.each(['exit', 'throw', 'deep'])('that fails by %s fails its own task only', async (way) => {
    make(1);
    const [failing, next] = [start(way), start('next')];
    await expect(failing.result).rejects.toBeInstanceOf(Error);
    expect(await next.result).toMatchObject({ detail: 'next' });
  });
});

describe('the queue of tasks', () => {
  it('is first come, first served, and who waits has its whole time left', async () => {
    make(1);
    const order: string[] = [];
    const tasks = ['spin', 'first', 'spin', 'second', 'third'].map((what) => {
      const task = start(what);
      return task.result.then(
        () => order.push(what),
        () => order.push(what),
      );
    });
    await Promise.all(tasks);
    expect(order).toEqual(['spin', 'first', 'spin', 'second', 'third']);
  });

  it('is left at once by who is cancelled while it waits', async () => {
    make(1);
    const holding = start('hold');
    await started(holding);
    const controller = new AbortController();
    const waiting = start('never', controller.signal);
    controller.abort(new Error('cancelled by the user'));
    await expect(waiting.result).rejects.toThrow('cancelled by the user');
    release(holding.memory);
    expect(await holding.result).toMatchObject({ detail: 'hold' });
    expect(Atomics.load(waiting.memory, 0)).toBe(0);
  });

  it('parses a single page before the batches of crawls that wait', async () => {
    make(1, { timeoutMs: 20_000 });
    const batches = [startBatch(), startBatch(), startBatch()];
    await started({ memory: batches[0]!.memory });
    const single = start('page');
    release(batches[0]!.memory);
    expect(await single.result).toMatchObject({ detail: 'page' });
    expect(Atomics.load(batches[2]!.memory, 0)).toBe(0);
    for (const { memory } of batches) release(memory);
    await Promise.all(batches.map(({ result }) => result));
  });
});
