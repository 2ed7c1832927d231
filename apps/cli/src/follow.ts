import type { Client, Job } from '@gleaner/sdk';
import { createProgress } from './progress.js';
import type { Session } from './session.js';

/** Shows the job's events after number `after` until the final one; gives the finished job. */
export async function followJob(session: Session, client: Client, job: Job, after = 0): Promise<Job> {
  const progress = createProgress(session.terminal, { id: job.id, url: job.input.url });
  try {
    for await (const event of client.watch(job.id, { after, signal: session.signal })) progress.show(event);
  } finally {
    progress.end();
    if (session.signal.aborted) session.terminal.note(`The job goes on: gleaner watch ${job.id}, gleaner cancel ${job.id}`);
  }
  return client.job(job.id, { signal: session.signal });
}
