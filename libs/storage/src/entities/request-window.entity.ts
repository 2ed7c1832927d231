import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Permits of a key in the last minute: `counts` by second, newest first, from `slot` (seconds since the epoch) back. */
@Entity('request_windows')
export class RequestWindowEntity {
  @PrimaryColumn({ type: 'text', name: 'key_id' })
  keyId!: string;

  @Column({ type: 'bigint' })
  slot!: string;

  @Column({ type: 'integer', array: true })
  counts!: number[];

  /** What the last lease got. */
  @Column({ type: 'integer' })
  granted!: number;
}
