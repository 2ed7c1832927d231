import type { MigrationInterface, QueryRunner } from 'typeorm';

const BUDGETS = `
create table model_budgets (
  scope text primary key,
  calls bigint not null,
  tokens bigint not null,
  micro_usd bigint not null,
  limit_calls bigint not null,
  limit_tokens bigint not null,
  limit_micro_usd bigint not null,
  updated_at timestamptz not null
);

create table model_reservations (
  key text not null,
  candidate text not null,
  scopes text[] not null,
  calls bigint not null,
  tokens bigint not null,
  micro_usd bigint not null,
  is_open boolean not null,
  answer jsonb,
  expires_at timestamptz not null,
  primary key (key, candidate)
);
create index model_reservations_by_expiry on model_reservations (expires_at);
`;

/** What models may cost by job, day and provider, what is reserved of it, and answers for attempts that are made again. */
export class ModelBudgets1700000006000 implements MigrationInterface {
  readonly name = 'ModelBudgets1700000006000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(BUDGETS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table model_reservations, model_budgets');
  }
}
