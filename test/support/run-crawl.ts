/** Runs one crawl over stub stages on a real server, and reads what its workflows left behind. */
import type { CrawlInput } from '@gleaner/domain';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { withWorkers } from './stage-workers.js';
import { type StartOptions, startJob } from './start-job.js';
import type { StubCrawl } from './stub-crawl.js';
import type { TestTemporal } from './temporal-server.js';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

export interface CrawlRun {
  readonly handle: WorkflowHandle;
  /** The result, or the error. */
  readonly outcome: unknown;
}

export interface CrawlOptions extends StartOptions {
  readonly input?: Partial<CrawlInput>;
  /** What happens while it runs. */
  readonly during?: (handle: WorkflowHandle) => unknown;
}

export async function runCrawl(temporal: TestTemporal, stub: StubCrawl, options: CrawlOptions = {}): Promise<CrawlRun> {
  const { input, during, ...start } = options;
  return withWorkers(temporal.address, stub, async () => {
    const handle = await startJob(temporal.client, 'crawl', { url: 'https://a.test/', ...input }, start);
    try {
      await during?.(handle);
    } catch (error) {
      // What a failed test left would run on the stages of the next one.
      await handle.terminate('the test failed');
      throw error;
    }
    return { handle, outcome: await handle.result().catch((error: unknown) => error) };
  });
}

export async function eventsOf(handle: WorkflowHandle): Promise<readonly HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** The runs of every host workflow of a crawl, one after the other: continued ones are followed. */
export async function hostRuns(client: Client, site: WorkflowHandle): Promise<readonly WorkflowHandle[]> {
  const runs: WorkflowHandle[] = [];
  for (const { childWorkflowExecutionStartedEventAttributes: started } of await eventsOf(site)) {
    const { workflowId, runId } = started?.workflowExecution ?? {};
    if (!workflowId) continue;
    for (let next = runId; next;) {
      const handle = client.workflow.getHandle(workflowId, next, { followRuns: false });
      runs.push(handle);
      next = (await eventsOf(handle)).at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? null;
    }
  }
  return runs;
}

export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export function deferred(): Deferred {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve: () => resolve() };
}
