import type { MigrationInterface, QueryRunner } from 'typeorm';

/** That a browser adds nothing to pages of a shape is worth remembering as well: nobody has to look again. */
export class BrowserNeeds1700000010000 implements MigrationInterface {
  readonly name = 'BrowserNeeds1700000010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table browser_shapes add column needed boolean not null default true');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('delete from browser_shapes where not needed');
    await runner.query('alter table browser_shapes drop column needed');
  }
}
