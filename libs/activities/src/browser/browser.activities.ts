import type { BrowserActivities, FetchOutcome, FetchPageInput, JobLog } from '@gleaner/domain';
import { cancellationSignal } from '@temporalio/activity';
import type { PageRenderer } from './page-renderer.js';

export interface BrowserActivitiesDeps {
  readonly renderer: PageRenderer;
  readonly jobLog: JobLog;
}

export function createBrowserActivities({ renderer, jobLog }: BrowserActivitiesDeps): BrowserActivities {
  async function tell(input: FetchPageInput, outcome: FetchOutcome): Promise<void> {
    if (outcome.kind !== 'fetched') return;
    const { snapshot, durationMs } = outcome;
    const event = { type: 'job.progress', stage: 'browser', url: input.url } as const;
    // The key of the fetch by HTTP: a page that was fetched that way first is not counted again.
    const opened = { ...event, message: `${snapshot.status}, opened in the browser` };
    await jobLog.append(input.jobId, `${input.step}:fetched`, opened, input.step === 'page' ? { fetched: 1 } : undefined);
    await jobLog.append(input.jobId, `${input.step}:rendered`, {
      ...event,
      message: `rendered, ${snapshot.body.bytes} bytes in ${durationMs} ms`,
    });
  }
  return {
    async renderPage(input) {
      const outcome = await renderer.render({ url: input.url, signal: cancellationSignal() });
      await tell(input, outcome);
      return outcome;
    },
  };
}
