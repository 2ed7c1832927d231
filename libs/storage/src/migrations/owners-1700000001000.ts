import type { MigrationInterface, QueryRunner } from 'typeorm';

const OWNERS = `
create table users (
  id text primary key,
  name text not null,
  created_at timestamptz not null default now(),
  requests_per_minute integer check (requests_per_minute >= 0),
  running_jobs integer check (running_jobs >= 0),
  pages_per_day integer check (pages_per_day >= 0)
);
insert into users (id, name, requests_per_minute, running_jobs, pages_per_day)
  select owner_id, min(name), 0, 0, 0 from api_keys group by owner_id;

alter table api_keys
  add column revoked_at timestamptz,
  add column previous_hash bytea unique,
  add column previous_valid_until timestamptz;
create index api_keys_by_owner on api_keys (owner_id, id desc);

create table owner_usage (
  owner_id text primary key,
  day date not null,
  jobs_total bigint not null,
  jobs_today integer not null,
  pages_today bigint not null
);
insert into owner_usage (owner_id, day, jobs_total, jobs_today, pages_today)
  select owner_id, (now() at time zone 'utc')::date, count(*), 0, 0 from jobs group by owner_id;

create table request_windows (
  key_id text primary key,
  slot bigint not null,
  counts integer[] not null,
  granted integer not null
);
`;

/** Owners with limits of their own, rotation and revocation of keys, and what has been used. */
export class Owners1700000001000 implements MigrationInterface {
  readonly name = 'Owners1700000001000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(OWNERS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      drop table request_windows, owner_usage, users;
      drop index api_keys_by_owner;
      alter table api_keys drop column revoked_at, drop column previous_hash, drop column previous_valid_until`);
  }
}
