import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an owner's jobs asked for; `day` is the day (UTC) that the counts of today are of. */
@Entity('owner_usage')
export class OwnerUsageEntity {
  @PrimaryColumn({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  @Column({ type: 'date' })
  day!: string;

  @Column({ type: 'bigint', name: 'jobs_total' })
  jobsTotal!: string;

  @Column({ type: 'integer', name: 'jobs_today' })
  jobsToday!: number;

  @Column({ type: 'bigint', name: 'pages_today' })
  pagesToday!: string;
}
