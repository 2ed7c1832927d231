import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which pages need a browser is remembered by the shape of their URL, and for a while: one such page says nothing of its whole host. */
export class BrowserShapes1700000000500 implements MigrationInterface {
  readonly name = 'BrowserShapes1700000000500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table browser_shapes (
        site text not null,
        template_id text not null,
        until timestamptz not null,
        primary key (site, template_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table browser_shapes');
  }
}
