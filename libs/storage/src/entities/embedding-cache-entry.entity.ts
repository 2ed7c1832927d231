import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A vector that was paid for: never computed twice for the same text and model. */
@Entity('embedding_cache')
export class EmbeddingCacheEntryEntity {
  @PrimaryColumn({ type: 'text' })
  model!: string;

  @PrimaryColumn({ type: 'text', name: 'content_hash' })
  contentHash!: string;

  @Column({ type: 'vector' })
  embedding!: number[];

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
