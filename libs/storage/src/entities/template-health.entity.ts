import type { TemplateObservation } from '@gleaner/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last pages that the active version of a template served. */
@Entity('template_health')
export class TemplateHealthEntity {
  @PrimaryColumn({ type: 'text' })
  site!: string;

  @PrimaryColumn({ type: 'text', name: 'template_id' })
  templateId!: string;

  @Column({ type: 'integer' })
  version!: number;

  @Column({ type: 'jsonb' })
  observations!: TemplateObservation[];

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
