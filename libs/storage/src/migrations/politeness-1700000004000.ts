import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a host stands beside its next turn: who fetches from it, how it backs off, and its breaker. */
export class Politeness1700000004000 implements MigrationInterface {
  readonly name = 'Politeness1700000004000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table host_gates
        add column granted integer not null default 0,
        add column first_turn_at timestamptz not null default 'epoch',
        add column holders jsonb not null default '{}',
        add column scale double precision not null default 1,
        add column interval_ms double precision not null default 0,
        add column paused_until timestamptz,
        add column failures integer not null default 0,
        add column openings integer not null default 0,
        add column open_until timestamptz`);
    // Room for the next version of a row beside it: rows that change all the time then leave the index alone.
    await queryRunner.query('alter table host_gates set (fillfactor = 50)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table host_gates
        drop column granted, drop column first_turn_at, drop column holders, drop column scale, drop column interval_ms,
        drop column paused_until, drop column failures, drop column openings, drop column open_until`);
    await queryRunner.query('alter table host_gates reset (fillfactor)');
  }
}
