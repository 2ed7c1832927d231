import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a crawl met under one URL pattern: by it a trap is told from a section. */
@Entity('crawl_patterns')
export class CrawlPatternEntity {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'text' })
  pattern!: string;

  /** Pages that were found. */
  @Column({ type: 'integer', default: 0 })
  pages!: number;

  /** Pages that were extracted. */
  @Column({ type: 'integer', default: 0 })
  seen!: number;

  /** Those of them that repeat others. */
  @Column({ type: 'integer', default: 0 })
  repeats!: number;
}
