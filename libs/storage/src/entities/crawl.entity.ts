import type { CrawlSettings } from '@gleaner/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A crawl: its settings as they are now, and what its limit has counted. */
@Entity('crawls')
export class CrawlEntity {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  /** A short name of the job, for tables with many small rows. */
  @Column({ type: 'integer', generated: 'identity', generatedIdentity: 'ALWAYS', unique: true })
  number!: number;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  @Column({ type: 'text', name: 'start_hash' })
  startHash!: string;

  @Column({ type: 'jsonb' })
  settings!: CrawlSettings;

  @Column({ type: 'text', array: true, name: 'start_urls' })
  startUrls!: string[];

  @Column({ type: 'integer', default: 0 })
  admitted!: number;

  @Column({ type: 'integer', name: 'row_count', default: 0 })
  rowCount!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
