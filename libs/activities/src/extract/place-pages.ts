import {
  type JoinOutcome,
  MAX_TEMPLATES_OF_SHAPE,
  type PagePlace,
  type PageTemplates,
  type ShapeFindings,
  type ShapeTemplate,
  type TemplateKey,
  type TemplateMove,
} from '@gleaner/domain';
import { chooseTemplate, judgeMove, newTemplateOf } from '@gleaner/extraction';
import { type HealthWatchDeps, MOST_DRIFTED, tellDrift } from './watch-health.js';

export interface PlaceDeps extends HealthWatchDeps {
  readonly pageTemplates: PageTemplates;
}

/** A page as the thread left it. */
export interface ParsedPlace {
  /** SHA-256 of its URL key. */
  readonly key: string;
  /** Key of its address shape. */
  readonly shape: TemplateKey;
  /** The templates that the thread was shown. */
  readonly templates: readonly ShapeTemplate[];
  readonly place: PagePlace;
}

export interface PlacedPages {
  /** By page; null where the shape has more templates than are kept. */
  readonly templates: ReadonlyMap<string, ShapeTemplate | null>;
  /** Ids of templates of which the next pages tell whether they are a new design of another one: nobody learns them before. */
  readonly undecided: ReadonlySet<string>;
  /** Templates that were found to have a new design, each told to one who asks, at most `MOST_DRIFTED`: they are to be learned again. */
  readonly redesigned: readonly TemplateKey[];
}

/** Others may add templates to the same shapes meanwhile. */
const MAX_LOOKS = 4;

/**
 * Says which template each page has. Pages that are built like none of their shape found one; pages that had another template when they
 * were last seen are evidence that this one was redesigned, see `judgeMove`.
 */
export async function placePages(deps: PlaceDeps, jobId: string, pages: readonly ParsedPlace[]): Promise<PlacedPages> {
  const { pageTemplates } = deps;
  const templates = await settle(pageTemplates, pages);
  const { moves, ended } = await rememberAll(pageTemplates, pages, templates);
  const { waiting, joined, redesigned } = await joinAll(deps, jobId, moves, templates);
  await replace(pageTemplates, pages, templates, new Set([...ended, ...joined]));
  const undecided = moves.filter((move) => judgeMove(move) === 'undecided').map(({ to }) => to);
  return { templates, undecided: new Set([...undecided, ...waiting]), redesigned };
}

/** New designs join their templates. Those that cannot yet are tried again with the next pages. */
async function joinAll(
  deps: PlaceDeps,
  jobId: string,
  moves: readonly SiteMove[],
  templates: ReadonlyMap<string, ShapeTemplate | null>,
): Promise<{ readonly waiting: readonly string[]; readonly joined: readonly string[]; readonly redesigned: readonly TemplateKey[] }> {
  const waiting: string[] = [];
  const joined: string[] = [];
  const redesigned: TemplateKey[] = [];
  for (const move of moves) {
    const { site, from, to, moved, stayed } = move;
    const seen = [...templates.values()].find((template) => template?.templateId === to);
    if (!seen || judgeMove(move) !== 'redesigned') continue;
    const reason = `${moved} of its pages came built otherwise, ${stayed} as before`;
    const outcome: JoinOutcome =
      redesigned.length < MOST_DRIFTED ? await deps.pageTemplates.join(site, { from, to }, jobId, reason) : { kind: 'waiting' };
    if (outcome.kind === 'waiting') waiting.push(to);
    if (outcome.kind !== 'joined') continue;
    const template = { site, templateId: from, shape: seen.shape };
    joined.push(to);
    redesigned.push(template);
    await tellDrift(deps, { jobId, template, version: outcome.version, reason });
  }
  return { waiting, joined, redesigned };
}

/**
 * Says which template each page has by what is known, and leaves no trace: bodies of before say nothing of how the site is built today.
 * A page that is built like no template of its shape has none.
 */
export function placeKnown(pages: readonly ParsedPlace[]): PlacedPages {
  const templateOf = ({ place, templates }: ParsedPlace): ShapeTemplate | null =>
    'templateId' in place
      ? (templates.find(({ templateId }) => templateId === place.templateId) ?? null)
      : chooseTemplate(place.structure, templates);
  return { templates: new Map(pages.map((page) => [page.key, templateOf(page)])), undecided: new Set(), redesigned: [] };
}

type SiteMove = TemplateMove & { readonly site: string };

async function rememberAll(
  pageTemplates: PageTemplates,
  pages: readonly ParsedPlace[],
  templates: ReadonlyMap<string, ShapeTemplate | null>,
): Promise<{ readonly moves: readonly SiteMove[]; readonly ended: readonly string[] }> {
  const moves: SiteMove[] = [];
  const ended: string[] = [];
  for (const site of new Set(pages.map(({ shape }) => shape.site))) {
    const seen = pages.flatMap(({ key, shape }) => {
      const template = templates.get(key) ?? null;
      return shape.site === site && template !== null ? [{ key, templateId: template.templateId }] : [];
    });
    if (seen.length === 0) continue;
    const remembered = await pageTemplates.remember(site, seen);
    ended.push(...remembered.ended);
    moves.push(...remembered.moves.map((move) => ({ site, ...move })));
  }
  return { moves, ended };
}

/** Pages of templates that have become the design of others are pages of those, as they stand now. */
async function replace(
  pageTemplates: PageTemplates,
  pages: readonly ParsedPlace[],
  templates: Map<string, ShapeTemplate | null>,
  gone: ReadonlySet<string>,
): Promise<void> {
  const moved = pages.flatMap(({ key, shape }) => {
    const template = templates.get(key) ?? null;
    return template !== null && gone.has(template.templateId) ? [{ key, shape, structure: template.structure ?? [] }] : [];
  });
  if (moved.length === 0) return;
  const now = await pageTemplates.ofShapes([...new Map(moved.map(({ shape }) => [shape.templateId, shape])).values()]);
  for (const { key, shape, structure } of moved) templates.set(key, chooseTemplate(structure, now.get(shape.templateId) ?? []));
}

/** Small enough for a message. */
export function bareKey({ site, templateId, shape }: TemplateKey): TemplateKey {
  return { site, templateId, shape };
}

/** Places pages that were built like nothing known, with what others of the batch, or of other workers, have found. */
async function settle(pageTemplates: PageTemplates, pages: readonly ParsedPlace[]): Promise<Map<string, ShapeTemplate | null>> {
  const placed = new Map<string, ShapeTemplate | null>();
  const known = new Map(pages.map(({ shape, templates }) => [shape.templateId, templates]));
  let open = pages.filter((page) => {
    const { place } = page;
    if (!('templateId' in place)) return true;
    placed.set(page.key, page.templates.find(({ templateId }) => templateId === place.templateId) ?? null);
    return false;
  });
  for (let look = 0; open.length > 0 && look < MAX_LOOKS; look++) {
    const findings = findingsOf(open, known);
    if (findings.length > 0) for (const [shapeId, templates] of await pageTemplates.add(findings)) known.set(shapeId, templates);
    open = open.filter(({ key, shape, place }) => {
      const template = 'structure' in place ? chooseTemplate(place.structure, known.get(shape.templateId) ?? []) : null;
      if (template !== null) placed.set(key, template);
      return template === null;
    });
    if (findings.length === 0) break;
  }
  for (const { key } of open) placed.set(key, null);
  return placed;
}

/** New templates of the shapes: one for all pages that are built alike. */
function findingsOf(open: readonly ParsedPlace[], known: ReadonlyMap<string, readonly ShapeTemplate[]>): readonly ShapeFindings[] {
  const findings = new Map<string, { shape: TemplateKey; among: readonly string[]; found: ShapeFindings['found'][number][] }>();
  for (const { shape, place } of open) {
    if (!('structure' in place)) continue;
    const there = known.get(shape.templateId) ?? [];
    const finding = findings.get(shape.templateId) ?? { shape, among: there.map(({ templateId }) => templateId), found: [] };
    const all = [...there, ...finding.found];
    if (all.length >= MAX_TEMPLATES_OF_SHAPE || chooseTemplate(place.structure, all) !== null) continue;
    finding.found.push(newTemplateOf(shape, place.structure, all));
    findings.set(shape.templateId, finding);
  }
  return [...findings.values()];
}
