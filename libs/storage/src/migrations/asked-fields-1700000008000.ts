import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How the fields that a caller asked for were served. */
export class AskedFields1700000008000 implements MigrationInterface {
  readonly name = 'AskedFields1700000008000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table documents add column field_report jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table documents drop column field_report');
  }
}
