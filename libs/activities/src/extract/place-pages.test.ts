import {
  type JobLog,
  type JoinOutcome,
  MAX_TEMPLATES_OF_SHAPE,
  type PageTemplates,
  type Remembered,
  type ShapeTemplate,
  type TemplateHealth,
  type TemplateKey,
  type TemplateState,
  type TemplateVersion,
} from '@gleaner/domain';
import { expect, it } from 'vitest';
import { type ParsedPlace, placePages } from './place-pages.js';

const shape: TemplateKey = { site: 'quay.example', templateId: 'tpl_first', shape: '/*' };
/** A page or a template that is built of this alone. */
const built = (name: string): readonly string[] => [`type ${name}`];
const known = (templateId: string, name = templateId, version?: number): ShapeTemplate => ({
  ...shape,
  templateId,
  structure: built(name),
  state: version === undefined ? { kind: 'unknown' } : { kind: 'active', version: { ...shape, templateId, version } as TemplateVersion },
});
const pages = (
  templates: readonly ShapeTemplate[],
  ...places: readonly (readonly [key: string, place: ParsedPlace['place']])[]
): ParsedPlace[] => places.map(([key, place]) => ({ key, shape, templates, place }));
const at = (templateId: string): ParsedPlace['place'] => ({ templateId });
const of = (name: string): ParsedPlace['place'] => ({ structure: built(name) });

/** What others do meanwhile a test scripts; what is asked is noted. */
function bench(
  script: { readonly shapes?: readonly ShapeTemplate[][]; readonly remembered?: Remembered; readonly joins?: JoinOutcome } = {},
) {
  const shapes = [...(script.shapes ?? [])];
  const next = async () => new Map([[shape.templateId, shapes.shift() ?? []]]);
  const asked: string[] = [];
  const reasons: string[] = [];
  const pageTemplates: PageTemplates = {
    ofShapes: next,
    add: async (findings) => {
      asked.push(
        ...findings.map(({ among, found }) => `add ${found.map(({ structure }) => structure.join()).join()} to ${among.join() || 'none'}`),
      );
      return next();
    },
    remember: async (_site, seen) => {
      asked.push(`remember ${seen.map(({ key, templateId }) => `${key}=${templateId}`).join()}`);
      return script.remembered ?? { moves: [], ended: [] };
    },
    join: async (_site, { from, to }, _jobId, reason) => {
      reasons.push(reason);
      asked.push(`join ${to} to ${from}`);
      return script.joins ?? { kind: 'apart' };
    },
    claim: async () => null,
  };
  // Joining is all: a version is not taken out of service in another step.
  const health = {} as TemplateHealth;
  const told: string[] = [];
  const jobLog = { append: async (_job, key) => void told.push(key) } as Partial<JobLog> as JobLog;
  const place = async (parsed: readonly ParsedPlace[]) => {
    const { templates, ...rest } = await placePages({ pageTemplates, health, jobLog }, 'job_1', parsed);
    return { ...rest, templates: Object.fromEntries([...templates].map(([key, template]) => [key, template?.templateId ?? null])) };
  };
  return { asked, reasons, told, place };
}

it('pages that are built alike found one template, the first of a shape with its key', async () => {
  const { asked, place } = bench({ shapes: [[known('tpl_first', 'a'), known('tpl_b', 'b')]] });
  const { templates } = await place(pages([], ['1', of('a')], ['2', of('b')], ['3', of('a')]));
  expect(templates).toEqual({ 1: 'tpl_first', 2: 'tpl_b', 3: 'tpl_first' });
  expect(asked).toEqual(['add type a,type b to none', 'remember 1=tpl_first,2=tpl_b,3=tpl_first']);
});

it('who comes second looks at what the first one added', async () => {
  const { asked, place } = bench({ shapes: [[known('tpl_x', 'b')], [known('tpl_x', 'b'), known('tpl_first', 'a')]] });
  expect((await place(pages([], ['1', of('a')], ['2', of('b')]))).templates).toEqual({ 1: 'tpl_first', 2: 'tpl_x' });
  expect(asked.slice(0, 2)).toEqual(['add type a,type b to none', 'add type a to tpl_x']);
});

it('a shape that is full gets no further template', async () => {
  const full = Array.from({ length: MAX_TEMPLATES_OF_SHAPE }, (_, number) => known(`tpl_${number}`));
  const { asked, place } = bench();
  expect((await place(pages(full, ['1', of('new')], ['2', at('tpl_3')]))).templates).toEqual({ 1: null, 2: 'tpl_3' });
  expect(asked).toEqual(['remember 2=tpl_3']);
});

it('three pages that moved while none stayed are a new design: it joins the template, told once as out of service', async () => {
  const old = known('tpl_first', 'a', 4);
  const shown = [old, known('tpl_new', 'b')];
  const move = { from: 'tpl_first', to: 'tpl_new', moved: 3, stayed: 0 };
  const remembered = { moves: [move], ended: [] };
  const now: ShapeTemplate = { ...old, structure: built('b'), state: { ...old.state, kind: 'quarantined' } as TemplateState };
  const first = bench({ remembered, shapes: [[now]], joins: { kind: 'joined', version: 4 } });
  expect(await first.place(pages(shown, ['1', at('tpl_new')], ['2', at('tpl_first')]))).toEqual({
    templates: { 1: 'tpl_first', 2: 'tpl_first' },
    redesigned: [shape],
    undecided: new Set(),
  });
  expect(first.reasons).toEqual(['3 of its pages came built otherwise, 0 as before']);
  expect(first.told).toEqual(['drifted:tpl_first:4']);
});

it.each<[JoinOutcome['kind'], readonly string[]]>([
  ['waiting', ['tpl_new']],
  ['apart', []],
])('a new design that stays %s for now is no redesign, and may not be learned: %j', async (kind, undecided) => {
  const remembered = { moves: [{ from: 'tpl_first', to: 'tpl_new', moved: 3, stayed: 0 }], ended: [] };
  const { told, place } = bench({ remembered, joins: { kind } as JoinOutcome });
  const answer = await place(pages([known('tpl_first', 'a', 4), known('tpl_new', 'b')], ['1', at('tpl_new')]));
  expect(answer).toEqual({ templates: { 1: 'tpl_new' }, redesigned: [], undecided: new Set(undecided) });
  expect(told).toEqual([]);
});

it.each([
  [2, 0, ['tpl_new']],
  [3, 1, []],
])('when %i moved and %i stayed, templates that nobody is to learn yet are %j', async (moved, stayed, undecided) => {
  const remembered = { moves: [{ from: 'tpl_first', to: 'tpl_new', moved, stayed }], ended: [] };
  const { asked, place } = bench({ remembered });
  const answer = await place(pages([known('tpl_first', 'a', 1), known('tpl_new', 'b')], ['1', at('tpl_new')]));
  expect(answer).toEqual({ templates: { 1: 'tpl_new' }, redesigned: [], undecided: new Set(undecided) });
  expect(asked).toEqual(['remember 1=tpl_new']);
});

it('new designs join no faster than they can be told', async () => {
  const moves = Array.from({ length: 12 }, (_, n) => ({ from: `old-${n}`, to: `new-${n}`, moved: 3, stayed: 0 }));
  const shown = moves.flatMap(({ from, to }) => [known(from, from, 1), known(to)]);
  const { asked, place } = bench({ remembered: { moves, ended: [] }, joins: { kind: 'joined', version: 1 }, shapes: [shown] });
  const answer = await place(pages(shown, ...moves.map(({ to }) => [to, at(to)] as const)));
  expect(answer.redesigned.map(({ templateId }) => templateId)).toEqual(moves.slice(0, 10).map(({ from }) => from));
  expect([asked.filter((one) => one.startsWith('join')).length, answer.undecided]).toEqual([10, new Set(['new-10', 'new-11'])]);
});

it('a page of a template that another worker found to be a new design is one of the template', async () => {
  const { told, place } = bench({ remembered: { moves: [], ended: ['tpl_new'] }, shapes: [[known('tpl_first', 'b', 4)]] });
  const answer = await place(pages([known('tpl_first', 'a', 4), known('tpl_new', 'b')], ['1', at('tpl_new')]));
  expect([answer.templates, answer.redesigned, told]).toEqual([{ 1: 'tpl_first' }, [], []]);
});
