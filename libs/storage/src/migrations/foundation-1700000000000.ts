import { Fault } from '@gleaner/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const JOBS = `
create table jobs (
  id text primary key,
  owner_id text not null,
  kind text not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'paused', 'completed', 'failed', 'cancelled')),
  input jsonb not null,
  options jsonb not null,
  priority integer not null,
  labels text[] not null,
  counts jsonb not null,
  usage jsonb not null,
  error jsonb,
  result jsonb,
  workflow_id text not null,
  run_id text,
  dedupe_hash text not null,
  last_seq integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index jobs_by_owner on jobs (owner_id, id desc);
create unique index jobs_live_request on jobs (owner_id, dedupe_hash) where state in ('queued', 'running', 'paused');
create index jobs_unfinished on jobs (updated_at) where state in ('queued', 'running', 'paused');

create table idempotency_keys (
  owner_id text not null,
  key_hash text not null,
  body_hash text not null,
  job_id text not null references jobs (id) on delete cascade deferrable initially deferred,
  created_at timestamptz not null default now(),
  primary key (owner_id, key_hash)
);
create index idempotency_keys_by_job on idempotency_keys (job_id);

create table job_events (
  job_id text not null references jobs (id) on delete cascade,
  seq integer not null,
  event_key text not null,
  type text not null,
  stage text,
  url text,
  message text,
  error jsonb,
  counts jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (job_id, seq),
  constraint job_events_once unique (job_id, event_key)
);
create unique index job_events_one_end on job_events (job_id) where type in ('job.completed', 'job.failed', 'job.cancelled');
`;

const DOCUMENTS = `
create table documents (
  id text primary key,
  owner_id text not null,
  job_id text not null,
  url text not null,
  url_key text not null,
  url_hash text not null,
  final_url text not null,
  canonical_url text,
  status integer not null,
  fetched_at timestamptz not null,
  snapshot_hash text not null,
  content_hash text not null,
  type text not null,
  title text not null,
  author text[] not null,
  published_at text,
  modified_at text,
  language text,
  site_name text,
  description text,
  page_canonical_url text,
  markdown text not null,
  text text not null,
  links jsonb not null,
  images jsonb not null,
  fields jsonb not null,
  evidence jsonb not null,
  extraction_method text not null,
  template_version integer,
  confidence double precision not null,
  analysis jsonb not null,
  fetch_method text not null,
  timings_ms jsonb not null,
  embedding jsonb not null,
  is_current boolean not null,
  created_at timestamptz not null default now(),
  constraint documents_once_per_job unique (job_id, url_hash)
);
create unique index documents_current on documents (owner_id, url_hash) where is_current;
create index documents_by_owner on documents (owner_id, id desc);

create table chunks (
  document_id text not null references documents (id) on delete cascade,
  ordinal integer not null,
  owner_id text not null,
  text text not null,
  headings jsonb not null,
  content_hash text not null,
  token_count integer not null,
  embedding vector,
  embedding_model text,
  search tsvector generated always as (
    setweight(to_tsvector('simple'::regconfig, headings), 'A') || setweight(to_tsvector('simple'::regconfig, left(text, 100000)), 'D')
  ) stored,
  primary key (document_id, ordinal),
  check ((embedding is null) = (embedding_model is null))
);
create index chunks_search on chunks using gin (search);
create index chunks_by_owner on chunks (owner_id);

create table embedding_cache (
  model text not null,
  content_hash text not null,
  embedding vector not null,
  created_at timestamptz not null default now(),
  primary key (model, content_hash)
);
`;

const SITES = `
create table sites (
  host text primary key,
  needs_browser boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table templates (
  site text not null references sites (host) on delete cascade,
  template_id text not null,
  shape text not null,
  last_version integer not null default 0,
  unlearnable_until timestamptz,
  unlearnable_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (site, template_id)
);

create table template_versions (
  site text not null,
  template_id text not null,
  version integer not null,
  state text not null check (state in ('candidate', 'active', 'retired', 'rejected')),
  config jsonb not null,
  config_hash text not null,
  scores jsonb not null,
  author text not null,
  model text,
  cost_usd double precision not null,
  sample_urls jsonb not null,
  created_at timestamptz not null default now(),
  primary key (site, template_id, version),
  foreign key (site, template_id) references templates (site, template_id) on delete cascade,
  constraint template_versions_same_config unique (site, template_id, config_hash)
);
create unique index template_versions_active on template_versions (site, template_id) where state = 'active';

create table host_gates (
  host text primary key,
  next_turn_at timestamptz not null
);

create table robots (
  origin text primary key,
  status integer not null,
  body bytea,
  fetched_at timestamptz not null,
  expires_at timestamptz not null
);

create table snapshots (
  url_hash text primary key,
  url_key text not null,
  snapshot jsonb not null,
  fetched_at timestamptz not null,
  saved_at timestamptz not null default now()
);

create table api_keys (
  id text primary key,
  owner_id text not null,
  name text not null,
  key_hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz
);
`;

/** All tables of the first release. Runs on PostgreSQL 15 with pgvector and on PGlite. */
export class Foundation1700000000000 implements MigrationInterface {
  readonly name = 'Foundation1700000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const available: unknown[] = await queryRunner.query(`select 1 from pg_available_extensions where name = 'vector'`);
    if (available.length === 0)
      throw new Fault('STORAGE_UNAVAILABLE', { detail: 'The database server has no pgvector: install its extension `vector` there.' });
    await queryRunner.query('create extension if not exists vector');
    for (const part of [JOBS, DOCUMENTS, SITES]) await queryRunner.query(part);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const tables =
      'api_keys, snapshots, robots, host_gates, template_versions, templates, sites, embedding_cache, chunks, documents, job_events, idempotency_keys, jobs';
    await queryRunner.query(`drop table ${tables}`);
  }
}
