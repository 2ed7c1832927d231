import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A piece of a current document that is searched as one. */
@Entity('chunks')
export class ChunkEntity {
  @PrimaryColumn({ type: 'text', name: 'document_id' })
  documentId!: string;

  @PrimaryColumn({ type: 'integer' })
  ordinal!: number;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  @Column({ type: 'text' })
  text!: string;

  @Column({ type: 'jsonb' })
  headings!: string[];

  @Column({ type: 'text', name: 'content_hash' })
  contentHash!: string;

  @Column({ type: 'integer', name: 'token_count' })
  tokenCount!: number;

  @Column({ type: 'vector', nullable: true })
  embedding!: number[] | null;

  @Column({ type: 'text', name: 'embedding_model', nullable: true })
  embeddingModel!: string | null;

  @Column({ type: 'tsvector', nullable: true, select: false, insert: false, update: false })
  search!: string | null;
}
