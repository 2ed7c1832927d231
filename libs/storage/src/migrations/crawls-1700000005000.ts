import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `admitted` counts the pages that the limit counts: those being worked on and those kept. `rank` orders the frontier, best
 * first. A page belongs to a batch from its lease until its state is final.
 */
const CRAWLS = `
create table crawls (
  job_id text primary key references jobs (id) on delete cascade,
  number integer not null unique generated always as identity,
  owner_id text not null,
  start_hash text not null,
  settings jsonb not null,
  start_urls text[] not null,
  admitted integer not null default 0,
  row_count integer not null default 0,
  created_at timestamptz not null default now()
);
create index crawls_by_start on crawls (owner_id, start_hash, job_id desc);

create table crawl_pages (
  id bigint generated always as identity primary key,
  job_id text not null references crawls (job_id) on delete cascade,
  url_hash text not null,
  url text not null,
  host text not null,
  pattern text not null,
  template_id text,
  depth integer not null,
  rank integer not null,
  source text not null,
  state text not null check (state in ('queued', 'leased', 'fetched', 'extracted', 'stored', 'unchanged', 'duplicate', 'skipped', 'failed')),
  reason text,
  detail text,
  code text,
  batch text,
  due_at timestamptz,
  attempts integer not null default 0,
  needs_browser boolean not null default false,
  reuse_snapshot boolean not null default false,
  last_modified timestamptz,
  snapshot jsonb,
  status integer,
  bytes integer,
  method text,
  signature text,
  document_id text,
  duplicate_of text,
  timings_ms jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  constraint crawl_pages_once unique (job_id, url_hash)
);
create index crawl_pages_in_order on crawl_pages (job_id, id);
create index crawl_pages_frontier on crawl_pages (job_id, host, rank, id) where state = 'queued';
create index crawl_pages_due on crawl_pages (job_id, host, due_at) where state = 'queued' and due_at is not null;
create index crawl_pages_batches on crawl_pages (job_id, batch) where state in ('leased', 'fetched', 'extracted');

create table crawl_hosts (
  job_id text not null references crawls (job_id) on delete cascade,
  host text not null,
  primary key (job_id, host)
);

create table crawl_patterns (
  job_id text not null references crawls (job_id) on delete cascade,
  pattern text not null,
  pages integer not null default 0,
  seen integer not null default 0,
  repeats integer not null default 0,
  primary key (job_id, pattern)
);

create table crawl_fingerprints (
  crawl_number integer not null references crawls (number) on delete cascade,
  fingerprint bigint not null,
  page_id bigint not null,
  primary key (crawl_number, fingerprint, page_id)
);

alter table documents add column gone_at timestamptz;
`;

/** Frontier and page ledger of crawls. */
export class Crawls1700000005000 implements MigrationInterface {
  readonly name = 'Crawls1700000005000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(CRAWLS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table documents drop column gone_at');
    await queryRunner.query('drop table crawl_fingerprints, crawl_patterns, crawl_hosts, crawl_pages, crawls');
  }
}
