import type { EventType, FailureReport, JobCounts, Stage } from '@gleaner/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One line of a job's log; `seq` counts from 1 without a gap. */
@Entity('job_events')
export class JobEventEntity {
  @PrimaryColumn({ type: 'text', name: 'job_id' })
  jobId!: string;

  @PrimaryColumn({ type: 'integer' })
  seq!: number;

  @Column({ type: 'text', name: 'event_key' })
  eventKey!: string;

  @Column({ type: 'text' })
  type!: EventType;

  @Column({ type: 'text', nullable: true })
  stage!: Stage | null;

  @Column({ type: 'text', nullable: true })
  url!: string | null;

  @Column({ type: 'text', nullable: true })
  message!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  error!: FailureReport | null;

  @Column({ type: 'jsonb' })
  counts!: JobCounts;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  at!: Date;
}
