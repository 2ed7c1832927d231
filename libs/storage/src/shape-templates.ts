import {
  type ClaimedTemplate,
  MAX_TEMPLATES_OF_SHAPE,
  type ShapeFindings,
  type ShapeTemplate,
  type TemplateDraft,
  type TemplateKey,
  type TemplateState,
} from '@gleaner/domain';
import { type EntityManager, In } from 'typeorm';
import { TemplateEntity } from './entities/template.entity.js';
import { TemplateVersionEntity } from './entities/template-version.entity.js';
import { firstRow, rows } from './statement.js';
import { storableJson, storableText } from './storable-text.js';
import { stateOf } from './template-record.js';

/** A template of which nothing was learned, be it that too few pages had it or that no rules held, is forgotten. */
const KEPT = '7 days';
/** Longer than a learning takes: it is not forgotten meanwhile. */
const LEARNING = '1 hour';
/** Conditions on a row of `template_structures`. */
const HAS_VERSION = `exists (
    select from template_versions as version
    where version.site = template_structures.site and version.template_id = template_structures.template_id
  )`;
const IS_KEPT = `(founded_at > clock_timestamp() - interval '${KEPT}' or claimed and ${HAS_VERSION})`;
/** Of those, the last ones of a site are kept. */
const MAX_OF_SITE = 2_000;

/** Names the design of a row of `template_structures`, see `ClaimedTemplate`: the time since when it has been there. */
const DESIGN = 'extract(epoch from founded_at)::text';

interface StructureRow extends TemplateKey {
  readonly shapeId: string;
  readonly structure: readonly string[];
}

/** See `PageTemplates.ofShapes`. */
export async function shapeTemplates(
  manager: EntityManager,
  shapes: readonly TemplateKey[],
): Promise<ReadonlyMap<string, readonly ShapeTemplate[]>> {
  const structured = await rows<StructureRow>(
    manager,
    `
    select site, template_id as "templateId", shape_id as "shapeId", shape, structure from template_structures
    where site = any($1::text[]) and shape_id = any($2::text[]) and ${IS_KEPT}
    order by claimed desc, founded_at, template_id`,
    [[...new Set(shapes.map(({ site }) => site))], shapes.map(({ templateId }) => templateId)],
  );
  const states = await statesOf(manager, [...structured, ...shapes]);
  return new Map(
    shapes.map((shape) => {
      const known = structured.filter(({ site, shapeId }) => site === shape.site && shapeId === shape.templateId);
      const templates = known.slice(0, MAX_TEMPLATES_OF_SHAPE).map(({ site, templateId, shape: name, structure }): ShapeTemplate => ({
        site,
        templateId,
        shape: name,
        structure,
        state: states({ site, templateId }) ?? { kind: 'unknown' },
      }));
      return [shape.templateId, templates.length > 0 ? templates : ofOld(shape, states(shape))];
    }),
  );
}

/** A version that knows no structure serves every page of its shape, as all did once. */
function ofOld({ site, templateId, shape }: TemplateKey, state: TemplateState | undefined): readonly ShapeTemplate[] {
  return state?.kind === 'active' || state?.kind === 'quarantined' ? [{ site, templateId, shape, structure: null, state }] : [];
}

async function statesOf(
  manager: EntityManager,
  keys: readonly TemplateKey[],
): Promise<(key: Pick<TemplateKey, 'site' | 'templateId'>) => TemplateState | undefined> {
  const site = In([...new Set(keys.map((key) => storableText(key.site)))]);
  const templateId = In([...new Set(keys.map((key) => storableText(key.templateId)))]);
  const templates = await manager.findBy(TemplateEntity, { site, templateId });
  const active = templates.length === 0 ? [] : await manager.findBy(TemplateVersionEntity, { site, templateId, state: 'active' });
  const nameOf = (key: Pick<TemplateKey, 'site' | 'templateId'>): string => `${key.site} ${key.templateId}`;
  const versions = new Map(active.map((version) => [nameOf(version), version]));
  const states = new Map(templates.map((template) => [nameOf(template), stateOf(template, versions.get(nameOf(template)) ?? null)]));
  return (key) => states.get(nameOf(key));
}

/** See `PageTemplates.add`. Who adds to a shape takes turns with others who do, in the order of the ids. */
export async function addTemplates(manager: EntityManager, findings: readonly ShapeFindings[]): Promise<void> {
  const ids = findings.map(({ shape }) => shape.templateId).toSorted();
  const sites = [...new Set(findings.map(({ shape }) => shape.site))];
  await rows(
    manager,
    `select pg_advisory_xact_lock(hashtextextended('templates of ' || id, 0)) from (select unnest($1::text[]) as id offset 0) as wanted`,
    [ids],
  );
  await rows(manager, `delete from template_structures where site = any($1::text[]) and shape_id = any($2::text[]) and not ${IS_KEPT}`, [
    sites,
    ids,
  ]);
  const there = await rows<{ site: string; shapeId: string; templateId: string }>(
    manager,
    `
    select site, shape_id as "shapeId", template_id as "templateId" from template_structures
    where site = any($1::text[]) and shape_id = any($2::text[])`,
    [sites, ids],
  );
  const added = findings.flatMap(({ shape, among, found }) => {
    const known = there.filter(({ site, shapeId }) => site === shape.site && shapeId === shape.templateId);
    const isAsSaid = known.length === among.length && known.every(({ templateId }) => among.includes(templateId));
    return isAsSaid
      ? found.slice(0, MAX_TEMPLATES_OF_SHAPE - known.length).map((template) => ({ ...template, shapeId: shape.templateId }))
      : [];
  });
  if (added.length === 0) return;
  await rows(
    manager,
    `
    insert into template_structures (site, template_id, shape_id, shape, structure)
    select site, "templateId", "shapeId", shape, structure
    from jsonb_to_recordset($1::jsonb) as added (site text, "templateId" text, "shapeId" text, shape text, structure jsonb)
    on conflict (site, template_id) do nothing`,
    [storableJson(added)],
  );
  for (const site of sites) await forgetOldest(manager, site);
}

async function forgetOldest(manager: EntityManager, site: string): Promise<void> {
  await rows(
    manager,
    `
    delete from template_structures where site = $1 and template_id in (
      select template_id from template_structures where site = $1 and not (claimed and ${IS_KEPT}) order by founded_at desc, template_id offset $2
    )`,
    [site, MAX_OF_SITE],
  );
}

/** See `PageTemplates.claim`. What is about to be forgotten stays until it is learned. */
export async function claimStructure(manager: EntityManager, { site, templateId }: TemplateKey): Promise<ClaimedTemplate | null> {
  return firstRow(
    manager,
    `
    update template_structures set claimed = true,
      founded_at = case when ${HAS_VERSION} then founded_at
        else greatest(founded_at, clock_timestamp() - interval '${KEPT}' + interval '${LEARNING}') end
    where site = $1 and template_id = $2 returning structure, ${DESIGN} as design`,
    [site, templateId],
  );
}

/** The template has another design by now; false where `design` is not known. The row of the template is to be locked. */
export async function isRedesigned(
  manager: EntityManager,
  { site, templateId }: Pick<TemplateKey, 'site' | 'templateId'>,
  design: string | null | undefined,
): Promise<boolean> {
  const sql = `select 1 from template_structures where site = $1 and template_id = $2 and ${DESIGN} <> $3`;
  return (await firstRow(manager, sql, [site, templateId, design ?? null])) !== null;
}

/** What the pages are built of that the version of a template was learned from. */
export async function recordStructure(manager: EntityManager, { site, templateId, shape, config }: TemplateDraft): Promise<void> {
  const { structure } = config.fingerprint;
  if (structure === undefined) return;
  await rows(
    manager,
    `
    insert into template_structures (site, template_id, shape_id, shape, structure, claimed) values ($1, $2, $2, $3, $4::jsonb, true)
    on conflict (site, template_id) do update set structure = excluded.structure, claimed = true`,
    [site, templateId, shape, storableJson(structure)],
  );
}
