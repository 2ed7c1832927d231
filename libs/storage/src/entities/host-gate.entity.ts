import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The budget of a host: its turns, who fetches from it, how it backs off, and its breaker. */
@Entity('host_gates')
export class HostGateEntity {
  @PrimaryColumn({ type: 'text' })
  host!: string;

  @Column({ type: 'timestamptz', name: 'next_turn_at' })
  nextTurnAt!: Date;

  /** What the last reservation got, from `firstTurnAt` on. */
  @Column({ type: 'integer' })
  granted!: number;

  @Column({ type: 'timestamptz', name: 'first_turn_at' })
  firstTurnAt!: Date;

  /** Permits and expiry by holder. */
  @Column({ type: 'jsonb' })
  holders!: Readonly<Record<string, readonly [permits: number, expiresAt: string]>>;

  /** Share of the concurrency limit that back-off leaves. */
  @Column({ type: 'double precision' })
  scale!: number;

  /** Interval of back-off; 0: none. */
  @Column({ type: 'double precision', name: 'interval_ms' })
  intervalMs!: number;

  @Column({ type: 'timestamptz', name: 'paused_until', nullable: true })
  pausedUntil!: Date | null;

  /** In a row, since the last answer or the opening of the breaker. */
  @Column({ type: 'integer' })
  failures!: number;

  /** In a row, since the breaker was closed. */
  @Column({ type: 'integer' })
  openings!: number;

  /** null: the breaker is closed; past: half-open. */
  @Column({ type: 'timestamptz', name: 'open_until', nullable: true })
  openUntil!: Date | null;
}
