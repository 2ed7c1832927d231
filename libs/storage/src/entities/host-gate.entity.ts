import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When the next request to a host may go out. */
@Entity('host_gates')
export class HostGateEntity {
  @PrimaryColumn({ type: 'text' })
  host!: string;

  @Column({ type: 'timestamptz', name: 'next_turn_at' })
  nextTurnAt!: Date;
}
