import type { Client, Job } from '@gleaner/sdk';
import { mapLimited } from './map-limited.js';
import { createProgress } from './progress.js';
import type { Session } from './session.js';

/** Each open event stream is a connection of the API. */
const MAX_STREAMS = 32;

/** Shows the job's events after number `after` until the final one; gives the finished job. */
export async function followJob(session: Session, client: Client, job: Job, after = 0): Promise<Job> {
  const [finished] = await followJobs(session, client, [job], after);
  return finished as Job;
}

/** The same for several jobs at once, in one display. Connections that break are resumed where they were. */
export async function followJobs(session: Session, client: Client, jobs: readonly Job[], after = 0): Promise<Job[]> {
  const { signal, terminal } = session;
  const progress = createProgress(
    terminal,
    jobs.map(({ id, kind, input }) => ({ id, kind, url: input.url })),
  );
  let isBroken = false;
  const onReconnect = (error: unknown): void => {
    // Once for each outage, however many streams it cut.
    if (!isBroken) progress.notice(`connection lost (${error instanceof Error ? error.message : String(error)}); trying again`);
    isBroken = true;
  };
  try {
    return await mapLimited(jobs, MAX_STREAMS, async ({ id }) => {
      for await (const event of client.watch(id, { after, signal, onReconnect })) {
        isBroken = false;
        progress.show(event);
      }
      return client.job(id, { signal });
    });
  } finally {
    progress.end();
    if (signal.aborted) sayHowToGoOn(session, jobs);
  }
}

function sayHowToGoOn({ terminal }: Session, jobs: readonly Job[]): void {
  const [only] = jobs;
  if (jobs.length === 1 && only !== undefined) terminal.note(`The job goes on: gleaner watch ${only.id}, gleaner cancel ${only.id}`);
  else terminal.note('The jobs go on: gleaner jobs, gleaner watch ID, gleaner cancel ID');
}
