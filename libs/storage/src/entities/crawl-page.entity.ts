import type { ErrorCode, FetchMethod, LedgerReason, LedgerState, PageSource, PageTimings, Snapshot } from '@gleaner/domain';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One URL of one crawl: a line of its ledger, and of its frontier while it is queued. */
@Entity('crawl_pages')
export class CrawlPageEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text', name: 'job_id' })
  jobId!: string;

  @Column({ type: 'text', name: 'url_hash' })
  urlHash!: string;

  @Column({ type: 'text' })
  url!: string;

  @Column({ type: 'text' })
  host!: string;

  @Column({ type: 'text' })
  pattern!: string;

  @Column({ type: 'text', name: 'template_id', nullable: true })
  templateId!: string | null;

  @Column({ type: 'integer' })
  depth!: number;

  @Column({ type: 'integer' })
  rank!: number;

  @Column({ type: 'text' })
  source!: PageSource;

  @Column({ type: 'text' })
  state!: LedgerState;

  @Column({ type: 'text', nullable: true })
  reason!: LedgerReason | null;

  @Column({ type: 'text', nullable: true })
  detail!: string | null;

  @Column({ type: 'text', nullable: true })
  code!: ErrorCode | null;

  @Column({ type: 'text', nullable: true })
  batch!: string | null;

  @Column({ type: 'timestamptz', name: 'due_at', nullable: true })
  dueAt!: Date | null;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'boolean', name: 'needs_browser', default: false })
  needsBrowser!: boolean;

  @Column({ type: 'boolean', name: 'reuse_snapshot', default: false })
  reuseSnapshot!: boolean;

  @Column({ type: 'timestamptz', name: 'last_modified', nullable: true })
  lastModified!: Date | null;

  @Column({ type: 'jsonb', nullable: true })
  snapshot!: Snapshot | null;

  @Column({ type: 'integer', nullable: true })
  status!: number | null;

  @Column({ type: 'integer', nullable: true })
  bytes!: number | null;

  @Column({ type: 'text', nullable: true })
  method!: FetchMethod | null;

  @Column({ type: 'text', nullable: true })
  signature!: string | null;

  @Column({ type: 'text', name: 'document_id', nullable: true })
  documentId!: string | null;

  @Column({ type: 'text', name: 'duplicate_of', nullable: true })
  duplicateOf!: string | null;

  @Column({ type: 'jsonb', name: 'timings_ms', default: {} })
  timingsMs!: PageTimings;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
