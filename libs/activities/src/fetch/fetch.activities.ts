import { cancellationSignal } from '@temporalio/activity';
import { type FetchActivities, type FetchOutcome, type FetchPageInput, type JobLog, type SiteMemory } from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { startClock } from '../runtime/stage-clock.js';
import type { PageFetcher } from './page-fetcher.js';

export interface FetchActivitiesDeps {
  readonly fetcher: PageFetcher;
  readonly memory: SiteMemory;
  readonly jobLog: JobLog;
}

function storyOf(outcome: Extract<FetchOutcome, { kind: 'fetched' }>): string {
  const { snapshot, notModified, durationMs } = outcome;
  if (notModified) return `unchanged since ${snapshot.fetchedAt}, answered in ${durationMs} ms`;
  return `${snapshot.status} ${snapshot.contentType}, ${snapshot.body.bytes} bytes in ${durationMs} ms`;
}

export function createFetchActivities({ fetcher, memory, jobLog }: FetchActivitiesDeps): FetchActivities {
  async function tell(input: FetchPageInput, outcome: FetchOutcome): Promise<void> {
    if (outcome.kind !== 'fetched') return;
    const event = { type: 'job.progress', stage: 'fetch', url: input.url, message: storyOf(outcome) } as const;
    await jobLog.append(input.jobId, `${input.step}:fetched`, event, input.step === 'page' ? { fetched: 1 } : undefined);
  }
  return {
    async fetchPage(input) {
      const elapsedMs = startClock();
      const signal = cancellationSignal();
      if (input.render === 'auto' && (await memory.needsBrowser(templateKeyOf(input.url))) === true)
        return { kind: 'needs_browser', durationMs: elapsedMs() };
      const outcome = await fetcher.fetch({ url: input.url, fresh: input.fresh, signal });
      await tell(input, outcome);
      return outcome;
    },
  };
}
