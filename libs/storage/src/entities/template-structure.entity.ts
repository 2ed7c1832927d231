import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A template, learned or not, among those of its address shape, by what its pages are built of. */
@Entity('template_structures')
export class TemplateStructureEntity {
  @PrimaryColumn({ type: 'text' })
  site!: string;

  @PrimaryColumn({ type: 'text', name: 'template_id' })
  templateId!: string;

  /** Id of the shape, which is that of its first template. */
  @Column({ type: 'text', name: 'shape_id' })
  shapeId!: string;

  @Column({ type: 'text' })
  shape!: string;

  @Column({ type: 'jsonb' })
  structure!: string[];

  /** It was learned, or is to be: from now on it is a template of its own. */
  @Column({ type: 'boolean', default: false })
  claimed!: boolean;

  @Column({ type: 'timestamptz', name: 'founded_at', default: () => 'now()' })
  foundedAt!: Date;

  /** The template that pages of this one were last seen with instead, how many, and how many were seen as ever since. */
  @Column({ type: 'text', name: 'moved_to', nullable: true })
  movedTo!: string | null;

  @Column({ type: 'integer', default: 0 })
  moved!: number;

  @Column({ type: 'integer', default: 0 })
  stayed!: number;
}
