import type {
  EmbeddingLabel,
  Evidence,
  ExtractionMethod,
  FetchMethod,
  FieldReport,
  PageImage,
  PageLink,
  PageType,
  StageTimings,
  TextAnalysis,
} from '@gleaner/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A page as it was extracted by a job; the current one of an owner and page is what search sees. */
@Entity('documents')
export class DocumentEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  @Column({ type: 'text', name: 'job_id' })
  jobId!: string;

  @Column({ type: 'text' })
  url!: string;

  @Column({ type: 'text', name: 'url_key' })
  urlKey!: string;

  @Column({ type: 'text', name: 'url_hash' })
  urlHash!: string;

  @Column({ type: 'text', name: 'final_url' })
  finalUrl!: string;

  @Column({ type: 'text', name: 'canonical_url', nullable: true })
  canonicalUrl!: string | null;

  @Column({ type: 'integer' })
  status!: number;

  @Column({ type: 'timestamptz', name: 'fetched_at' })
  fetchedAt!: Date;

  @Column({ type: 'text', name: 'snapshot_hash' })
  snapshotHash!: string;

  @Column({ type: 'text', name: 'content_hash' })
  contentHash!: string;

  @Column({ type: 'text' })
  type!: PageType;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text', array: true })
  author!: string[];

  @Column({ type: 'text', name: 'published_at', nullable: true })
  publishedAt!: string | null;

  @Column({ type: 'text', name: 'modified_at', nullable: true })
  modifiedAt!: string | null;

  @Column({ type: 'text', nullable: true })
  language!: string | null;

  @Column({ type: 'text', name: 'site_name', nullable: true })
  siteName!: string | null;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ type: 'text', name: 'page_canonical_url', nullable: true })
  pageCanonicalUrl!: string | null;

  @Column({ type: 'text' })
  markdown!: string;

  @Column({ type: 'text' })
  text!: string;

  @Column({ type: 'jsonb' })
  links!: PageLink[];

  @Column({ type: 'jsonb' })
  images!: PageImage[];

  /** As `ExtractedPage.fields`; the types of TypeORM do not end on one that nests. */
  @Column({ type: 'jsonb' })
  fields!: object;

  /** Null where the caller asked for no fields. */
  @Column({ type: 'jsonb', name: 'field_report', nullable: true })
  fieldReport!: FieldReport | null;

  @Column({ type: 'jsonb' })
  evidence!: Record<string, Evidence>;

  @Column({ type: 'text', name: 'extraction_method' })
  extractionMethod!: ExtractionMethod;

  @Column({ type: 'integer', name: 'template_version', nullable: true })
  templateVersion!: number | null;

  @Column({ type: 'double precision' })
  confidence!: number;

  @Column({ type: 'jsonb' })
  analysis!: TextAnalysis;

  @Column({ type: 'text', name: 'fetch_method' })
  fetchMethod!: FetchMethod;

  @Column({ type: 'jsonb', name: 'timings_ms' })
  timingsMs!: StageTimings;

  @Column({ type: 'jsonb' })
  embedding!: EmbeddingLabel;

  @Column({ type: 'boolean', name: 'is_current' })
  isCurrent!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  /** The site said that the page is gone: nothing in its place is current. */
  @Column({ type: 'timestamptz', name: 'gone_at', nullable: true })
  goneAt!: Date | null;
}
