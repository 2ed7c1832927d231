import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Idempotency-Key of a caller: which body it came with, and the job it led to. */
@Entity('idempotency_keys')
export class IdempotencyKeyEntity {
  @PrimaryColumn({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  @PrimaryColumn({ type: 'text', name: 'key_hash' })
  keyHash!: string;

  @Column({ type: 'text', name: 'body_hash' })
  bodyHash!: string;

  @Column({ type: 'text', name: 'job_id' })
  jobId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
