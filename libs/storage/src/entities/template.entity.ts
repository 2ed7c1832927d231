import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A page template of a site; its versions hold the configurations. */
@Entity('templates')
export class TemplateEntity {
  @PrimaryColumn({ type: 'text' })
  site!: string;

  @PrimaryColumn({ type: 'text', name: 'template_id' })
  templateId!: string;

  @Column({ type: 'text' })
  shape!: string;

  @Column({ type: 'integer', name: 'last_version', default: 0 })
  lastVersion!: number;

  @Column({ type: 'timestamptz', name: 'unlearnable_until', nullable: true })
  unlearnableUntil!: Date | null;

  @Column({ type: 'text', name: 'unlearnable_reason', nullable: true })
  unlearnableReason!: string | null;

  @Column({ type: 'integer', name: 'quarantined_version', nullable: true })
  quarantinedVersion!: number | null;

  @Column({ type: 'text', name: 'quarantine_reason', nullable: true })
  quarantineReason!: string | null;

  @Column({ type: 'timestamptz', name: 'quarantined_at', nullable: true })
  quarantinedAt!: Date | null;

  /** Learnings since the last promotion that found nothing better. */
  @Column({ type: 'integer', name: 'relearn_attempts', default: 0 })
  relearnAttempts!: number;

  @Column({ type: 'timestamptz', name: 'relearn_after', nullable: true })
  relearnAfter!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
