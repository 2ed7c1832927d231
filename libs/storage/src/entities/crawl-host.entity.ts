import { Entity, PrimaryColumn } from 'typeorm';

/** A host that a crawl has pages of. */
@Entity('crawl_hosts')
export class CrawlHostEntity {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text' })
  host!: string;
}
