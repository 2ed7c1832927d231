import type { TemplateConfig, TemplateScores, VersionState } from '@gleaner/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One configuration of a template; at most one is active. */
@Entity('template_versions')
export class TemplateVersionEntity {
  @PrimaryColumn({ type: 'text' })
  site!: string;

  @PrimaryColumn({ type: 'text', name: 'template_id' })
  templateId!: string;

  @PrimaryColumn({ type: 'integer' })
  version!: number;

  @Column({ type: 'text' })
  state!: VersionState;

  @Column({ type: 'boolean', default: false })
  pinned!: boolean;

  @Column({ type: 'jsonb' })
  config!: TemplateConfig;

  @Column({ type: 'text', name: 'config_hash' })
  configHash!: string;

  @Column({ type: 'jsonb' })
  scores!: TemplateScores;

  @Column({ type: 'text' })
  author!: 'heuristic' | 'model';

  @Column({ type: 'text', nullable: true })
  model!: string | null;

  @Column({ type: 'double precision', name: 'cost_usd' })
  costUsd!: number;

  @Column({ type: 'jsonb', name: 'sample_urls' })
  sampleUrls!: string[];

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
