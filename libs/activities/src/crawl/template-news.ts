import type { ExtractBatchOutcome, ExtractedMark, ShapeTemplate, TemplateKey, TemplateObservation } from '@gleaner/domain';
import type { ParsedPlace, PlacedPages } from '../extract/place-pages.js';
import { type HealthWatchDeps, MOST_DRIFTED, watchHealth } from '../extract/watch-health.js';
import type { Gleaned } from './gleaned.js';

export function placeOf({ page, choice, result }: Gleaned): ParsedPlace[] {
  const { shape, templates } = choice;
  return result.place === undefined ? [] : [{ key: page.key, shape, templates, place: result.place }];
}

export function markOf({ templates }: PlacedPages, { page, result }: Gleaned): ExtractedMark[] {
  if (result.kind !== 'page') return [];
  return [{ key: page.key, templateId: templates.get(page.key)?.templateId ?? null, extractMs: result.extractMs }];
}

type TemplateNews = Pick<ExtractBatchOutcome, 'unknownTemplates' | 'drifted'>;

/** Of bodies of before: what they are built of is neither evidence against a version that serves nor what a new one is learned from. */
export const NO_NEWS: TemplateNews = { unknownTemplates: [], drifted: [] };

/** What a batch showed of the templates of its pages: which are to be learned, and which learned again. */
export async function newsOf(
  deps: HealthWatchDeps,
  jobId: string,
  gleaned: readonly Gleaned[],
  placed: PlacedPages,
): Promise<TemplateNews> {
  return { unknownTemplates: unknownTemplates(gleaned, placed), drifted: await driftedTemplates(deps, jobId, gleaned, placed) };
}

/** Templates that this batch showed to have changed, each told once whoever sees it; and those that wait too long for learning. */
async function driftedTemplates(
  deps: HealthWatchDeps,
  jobId: string,
  gleaned: readonly Gleaned[],
  placed: PlacedPages,
): Promise<ExtractBatchOutcome['drifted']> {
  const served = new Map<string, { template: ShapeTemplate; observations: TemplateObservation[] }>();
  for (const { page, result } of gleaned) {
    const template = placed.templates.get(page.key);
    // A page whose text is the earlier one has shown how its template serves it; one that was not extracted has not.
    if ((result.kind !== 'page' && !result.observation) || !template) continue;
    const known = served.get(template.templateId) ?? { template, observations: [] };
    if (result.observation) known.observations.push(result.observation);
    served.set(template.templateId, known);
  }
  const drifted: TemplateKey[] = [...placed.redesigned];
  for (const { template, observations } of served.values()) {
    // What is out of service must be told: the next batch watches the others.
    if (drifted.length >= MOST_DRIFTED) break;
    const { state } = template;
    if (state.kind === 'active' && (await watchHealth(deps, { jobId, template, version: state.version, observations })))
      drifted.push(template);
  }
  const overdue = [...served.values()].flatMap(({ template }) =>
    template.state.kind === 'quarantined' && template.state.isOverdue ? [template] : [],
  );
  return [...drifted, ...overdue].slice(0, MOST_DRIFTED).map(({ templateId, shape }) => ({ templateId, shape: shape.slice(0, 200) }));
}

/** Nobody learns what may turn out to be a new design of a template that is known. */
function unknownTemplates(gleaned: readonly Gleaned[], { templates, undecided }: PlacedPages): ExtractBatchOutcome['unknownTemplates'] {
  const counted = new Map<string, { templateId: string; shape: string; pages: number }>();
  for (const { page, result } of gleaned) {
    const template = templates.get(page.key);
    if (result.kind !== 'page' || !template || undecided.has(template.templateId)) continue;
    if (template.state.kind !== 'unknown' && result.wantsRules !== true) continue;
    const { templateId, shape } = template;
    const known = counted.get(templateId)?.pages ?? 0;
    counted.set(templateId, { templateId, shape: shape.slice(0, 200), pages: known + 1 });
  }
  return [...counted.values()].toSorted((a, b) => b.pages - a.pages).slice(0, 10);
}
