import { Column, Entity, PrimaryColumn } from 'typeorm';

/** robots.txt of an origin as last fetched. */
@Entity('robots')
export class RobotsEntity {
  @PrimaryColumn({ type: 'text' })
  origin!: string;

  @Column({ type: 'integer' })
  status!: number;

  @Column({ type: 'bytea', nullable: true })
  body!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'fetched_at' })
  fetchedAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
