import type { BlobRef, BlobStore, ExtractedBatchPage, FieldReader, WantedField } from '@gleaner/domain';
import pLimit from 'p-limit';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import { serveFields } from '../extract/serve-fields.js';
import { startClock } from '../runtime/stage-clock.js';
import { readLines } from './batch-lines.js';
import type { FieldsServed, UnansweredPage } from './crawl-page.js';
import { patientReader } from './patient-reader.js';

export interface AskDeps {
  readonly blobs: BlobStore;
  readonly cpu: Pick<CpuTasks, 'acceptAnswers'>;
  readonly reader: FieldReader;
}

export interface PagesToAsk {
  readonly jobId: string;
  readonly wanted: readonly WantedField[];
  /** Blobs of `UnansweredPage`s. */
  readonly toAsk: readonly BlobRef[];
  /** Of those of the activity that count, from 1. */
  readonly attempt: number;
}

export interface AskedPages {
  /** Blobs of `ExtractedBatchPage`s. */
  readonly lines: readonly BlobRef[];
  readonly fields: readonly FieldsServed[];
}

/** Pages of a batch that ask at once; providers have their own limits besides. */
const MOST_ASKING = 4;

/**
 * Has a model read what the threads left of the pages: outside of them, because it waits and does not work. Every page is asked before a
 * fault ends the batch: what was answered is kept, and is neither asked nor charged again at the next attempt.
 */
export async function askPages({ blobs, cpu, reader }: AskDeps, asked: PagesToAsk, signal: AbortSignal): Promise<AskedPages> {
  const { jobId, wanted, attempt } = asked;
  const patient = patientReader(reader);
  const inTurn = pLimit(MOST_ASKING);
  const answered = async ({ answer, ...line }: UnansweredPage): Promise<ExtractedBatchPage> => {
    signal.throwIfAborted();
    const elapsedMs = startClock();
    const { page, snapshot, timingsMs } = line;
    const serving = { jobId, url: snapshot.finalUrl, body: snapshot, page, wanted, answer, attempt };
    const served = await serveFields({ cpu, reader: patient }, serving, signal);
    return { ...line, page: served, timingsMs: { ...timingsMs, extract: timingsMs.extract + elapsedMs() } };
  };
  const blobOf = async ({ hash }: BlobRef): Promise<AskedPages> => {
    const pages = await readLines<UnansweredPage>(blobs, hash);
    const settled = await Promise.allSettled(pages.map((page) => inTurn(() => answered(page))));
    const done = settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const line = await blobs.put(Buffer.from(done.map((page) => JSON.stringify(page)).join('\n')));
    return { lines: [line], fields: done.flatMap(({ page }) => page.fieldReport ?? []) };
  };
  const parts = await Promise.allSettled(asked.toAsk.map(blobOf));
  const all = parts.map((part) => {
    if (part.status === 'rejected') throw part.reason;
    return part.value;
  });
  return { lines: all.flatMap(({ lines }) => lines), fields: all.flatMap(({ fields }) => fields) };
}
