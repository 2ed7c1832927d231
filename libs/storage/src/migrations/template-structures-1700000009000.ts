import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the pages of each template are built of, so that one address shape can have several, and which template each page was last
 * seen with. Templates that are there get the structure that their version was learned with; those without one go on taking
 * every page of their shape.
 */
export class TemplateStructures1700000009000 implements MigrationInterface {
  readonly name = 'TemplateStructures1700000009000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table template_structures (
        site text not null,
        template_id text not null,
        shape_id text not null,
        shape text not null,
        structure jsonb not null,
        claimed boolean not null default false,
        founded_at timestamptz not null default now(),
        moved_to text,
        moved integer not null default 0,
        stayed integer not null default 0,
        primary key (site, template_id)
      );
      create index template_structures_of_shape on template_structures (site, shape_id);
      insert into template_structures (site, template_id, shape_id, shape, structure, claimed)
        select template.site, template.template_id, template.template_id, template.shape, version.config #> '{fingerprint,structure}', true
        from templates as template
        join template_versions as version
          on version.site = template.site and version.template_id = template.template_id and version.state = 'active'
        where jsonb_typeof(version.config #> '{fingerprint,structure}') = 'array';
      alter table snapshots add column template_id text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table snapshots drop column template_id');
    await queryRunner.query('drop table template_structures');
  }
}
