import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Pages of one URL shape that were empty without a browser, and until when that is believed. */
@Entity('browser_shapes')
export class BrowserShapeEntity {
  @PrimaryColumn({ type: 'text' })
  site!: string;

  @PrimaryColumn({ type: 'text', name: 'template_id' })
  templateId!: string;

  @Column({ type: 'timestamptz' })
  until!: Date;

  @Column({ type: 'boolean', default: true })
  needed!: boolean;
}
