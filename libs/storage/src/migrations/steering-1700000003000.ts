import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs that do others again, and versions that a person pinned. */
export class Steering1700000003000 implements MigrationInterface {
  readonly name = 'Steering1700000003000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table jobs add column retry_of text, add column retried_as text');
    await queryRunner.query('alter table template_versions add column pinned boolean not null default false');
    await queryRunner.query(
      `alter table template_versions add constraint template_versions_pinned_serves check (not pinned or state = 'active')`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table template_versions drop column pinned');
    await queryRunner.query('alter table jobs drop column retry_of, drop column retried_as');
  }
}
