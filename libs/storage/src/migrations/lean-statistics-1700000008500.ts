import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns that no query filters or sorts by: the planner needs to know nothing of them. */
const UNSEARCHED: Readonly<Record<string, string>> = {
  documents:
    'markdown text links images fields evidence analysis timings_ms embedding field_report description ' +
    'final_url canonical_url page_canonical_url snapshot_hash author title site_name',
  chunks: 'text headings content_hash',
  crawl_pages: 'snapshot signature timings_ms detail url duplicate_of',
  snapshots: 'snapshot url_key',
  job_events: 'message error counts url',
};

/**
 * ANALYZE reads the values of every column it knows something of: whole texts of thousands of documents. On the embedded database
 * everybody waits meanwhile, a second for four thousand pages.
 */
export class LeanStatistics1700000008500 implements MigrationInterface {
  readonly name = 'LeanStatistics1700000008500';

  async up(queryRunner: QueryRunner): Promise<void> {
    await setStatistics(queryRunner, 0);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await setStatistics(queryRunner, -1);
  }
}

async function setStatistics(queryRunner: QueryRunner, target: number): Promise<void> {
  for (const [table, columns] of Object.entries(UNSEARCHED))
    await queryRunner.query(
      `alter table ${table} ${columns
        .split(' ')
        .map((column) => `alter ${column} set statistics ${target}`)
        .join(', ')}`,
    );
  await queryRunner.query(`alter table chunks alter search set statistics ${target === 0 ? 10 : target}`);
}
