import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What is remembered of a host. */
@Entity('sites')
export class SiteEntity {
  @PrimaryColumn({ type: 'text' })
  host!: string;

  @Column({ type: 'boolean', name: 'needs_browser', default: false })
  needsBrowser!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
