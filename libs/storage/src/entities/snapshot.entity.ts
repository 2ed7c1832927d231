import type { Snapshot } from '@gleaner/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last snapshot of a page. */
@Entity('snapshots')
export class SnapshotEntity {
  @PrimaryColumn({ type: 'text', name: 'url_hash' })
  urlHash!: string;

  @Column({ type: 'text', name: 'url_key' })
  urlKey!: string;

  @Column({ type: 'jsonb' })
  snapshot!: Snapshot;

  @Column({ type: 'timestamptz', name: 'fetched_at' })
  fetchedAt!: Date;

  @Column({ type: 'timestamptz', name: 'saved_at', default: () => 'now()' })
  savedAt!: Date;

  /** The template that the page was last seen with. */
  @Column({ type: 'text', name: 'template_id', nullable: true })
  templateId!: string | null;

  /** `fetchedAt` of the snapshot that it was last seen in. */
  @Column({ type: 'timestamptz', name: 'template_seen_at', nullable: true })
  templateSeenAt!: Date | null;
}
