import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How versions serve, and versions that are out of service until learning has decided. */
export class TemplateHealth1700000007000 implements MigrationInterface {
  readonly name = 'TemplateHealth1700000007000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table templates
        add column quarantined_version integer,
        add column quarantine_reason text,
        add column quarantined_at timestamptz,
        add column relearn_attempts integer not null default 0,
        add column relearn_after timestamptz;
      create table template_health (
        site text not null,
        template_id text not null,
        version integer not null,
        observations jsonb not null,
        updated_at timestamptz not null default now(),
        primary key (site, template_id),
        foreign key (site, template_id) references templates (site, template_id) on delete cascade
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table template_health');
    await queryRunner.query(`alter table templates drop column quarantined_version, drop column quarantine_reason, drop column quarantined_at,
      drop column relearn_attempts, drop column relearn_after`);
  }
}
