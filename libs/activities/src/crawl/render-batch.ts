import type { BatchInput, CrawlLedger } from '@gleaner/domain';
import type { PageRenderer } from '../browser/page-renderer.js';
import { BatchRecorder } from './batch-recorder.js';
import { targetOf } from './fetch-batch.js';
import { faultedPage, fetchedPage } from './page-outcome.js';

export interface RenderBatchDeps {
  readonly ledger: CrawlLedger;
  readonly renderer: PageRenderer;
}

/** Opens the pages of a batch one after the other: the slots of the browser pool are what runs side by side. */
export async function renderBatch(deps: RenderBatchDeps, input: BatchInput, signal: AbortSignal): Promise<{ readonly fetched: number }> {
  const { ledger, renderer } = deps;
  const plan = await ledger.plan(input.jobId);
  const recorder = new BatchRecorder(ledger, input);
  for (const page of await ledger.pagesOf(input, ['leased'])) {
    signal.throwIfAborted();
    // Each page takes seconds, and may have waited for its turn for long.
    if (await ledger.isPaused(input.jobId)) {
      await recorder.add({ kind: 'returned', key: page.key });
      continue;
    }
    try {
      const outcome = await renderer.render({ url: page.url, signal });
      const target = outcome.kind === 'fetched' ? await targetOf(ledger, plan, page, outcome.snapshot) : null;
      await recorder.add(fetchedPage(page, outcome, target));
    } catch (error) {
      signal.throwIfAborted();
      await recorder.flush();
      await recorder.add(faultedPage(page, error));
    }
    // One page takes seconds: what is done is told at once.
    await recorder.flush();
  }
  await recorder.flush();
  const waiting = await ledger.pagesOf(input, ['fetched']);
  return { fetched: waiting.length };
}
