import type { FailureReport, JobCounts, JobInput, JobKind, JobResult, JobState, JobUsage } from '@gleaner/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A job: the projection of its workflow. */
@Entity('jobs')
export class JobEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  @Column({ type: 'text' })
  kind!: JobKind;

  @Column({ type: 'text', default: 'queued' })
  state!: JobState;

  @Column({ type: 'jsonb' })
  input!: JobInput;

  @Column({ type: 'jsonb' })
  options!: Record<string, unknown>;

  @Column({ type: 'integer' })
  priority!: number;

  @Column({ type: 'text', array: true })
  labels!: string[];

  @Column({ type: 'jsonb' })
  counts!: JobCounts;

  @Column({ type: 'jsonb' })
  usage!: JobUsage;

  @Column({ type: 'jsonb', nullable: true })
  error!: FailureReport | null;

  @Column({ type: 'jsonb', nullable: true })
  result!: JobResult | null;

  @Column({ type: 'text', name: 'workflow_id' })
  workflowId!: string;

  @Column({ type: 'text', name: 'run_id', nullable: true })
  runId!: string | null;

  @Column({ type: 'text', name: 'dedupe_hash' })
  dedupeHash!: string;

  @Column({ type: 'integer', name: 'last_seq', default: 0 })
  lastSeq!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column({ type: 'timestamptz', name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Column({ type: 'text', name: 'retry_of', nullable: true })
  retryOf!: string | null;

  @Column({ type: 'text', name: 'retried_as', nullable: true })
  retriedAs!: string | null;
}
