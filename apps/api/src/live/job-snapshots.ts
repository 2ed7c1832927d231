import type { JobReader } from '@gleaner/domain';
import type { ApiConfig } from '../config.js';
import type { JobView } from '../jobs/job.dto.js';
import { jobView } from '../jobs/job-view.js';

/** Jobs as they are now, read once for all who watch the same one at the same time. */
export class JobSnapshots {
  private readonly recent = new Map<string, Promise<JobView>>();

  constructor(
    private readonly jobs: Pick<JobReader, 'get'>,
    private readonly temporal: ApiConfig['temporal'],
    /** Younger than this, a snapshot serves the next who asks. */
    private readonly maxAgeMs: number,
  ) {}

  of(ownerId: string, jobId: string): Promise<JobView> {
    const id = `${ownerId} ${jobId}`;
    const known = this.recent.get(id);
    if (known) return known;
    const reading = this.read(ownerId, jobId);
    this.recent.set(id, reading);
    setTimeout(() => this.recent.delete(id), this.maxAgeMs).unref();
    return reading;
  }

  /** Not shared: as it is at this moment. */
  async read(ownerId: string, jobId: string): Promise<JobView> {
    const job = await this.jobs.get(ownerId, jobId);
    if (job === null) throw new Error(`the job ${jobId} is not stored any more`);
    return jobView(job, this.temporal, Date.now());
  }
}
