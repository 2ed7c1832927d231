import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A call of a model: what it holds of its scopes while it is open, what it used afterwards. */
@Entity('model_reservations')
export class ModelReservationEntity {
  @PrimaryColumn({ type: 'text' })
  key!: string;

  @PrimaryColumn({ type: 'text' })
  candidate!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ type: 'bigint' })
  calls!: string;

  @Column({ type: 'bigint' })
  tokens!: string;

  @Column({ type: 'bigint', name: 'micro_usd' })
  microUsd!: string;

  @Column({ type: 'boolean', name: 'is_open' })
  isOpen!: boolean;

  @Column({ type: 'jsonb', nullable: true })
  answer!: unknown;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
