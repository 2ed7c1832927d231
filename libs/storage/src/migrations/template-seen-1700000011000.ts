import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of which fetch the template of a page was counted, so that looking again at the same snapshot is no further evidence. */
export class TemplateSeen1700000011000 implements MigrationInterface {
  readonly name = 'TemplateSeen1700000011000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table snapshots add column template_seen_at timestamptz');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table snapshots drop column template_seen_at');
  }
}
