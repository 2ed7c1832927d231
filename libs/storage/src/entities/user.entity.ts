import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An owner of jobs and documents. A limit that is null is the default of the settings, 0 is none. */
@Entity('users')
export class UserEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'integer', name: 'requests_per_minute', nullable: true })
  requestsPerMinute!: number | null;

  @Column({ type: 'integer', name: 'running_jobs', nullable: true })
  runningJobs!: number | null;

  @Column({ type: 'integer', name: 'pages_per_day', nullable: true })
  pagesPerDay!: number | null;
}
