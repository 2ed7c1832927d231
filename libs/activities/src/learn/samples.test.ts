import {
  type BlobStore,
  type JobLog,
  type PageTemplates,
  type ShapeTemplate,
  type Snapshot,
  type TemplateHealth,
  type TemplateState,
  type TemplateVersion,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { createSampleActivities } from './samples.js';

const url = 'https://quay.example/a';
const shape = templateKeyOf(url);
const version = { ...shape, version: 4 } as TemplateVersion;
const snapshot: Snapshot = {
  body: { hash: 'sha256:1', bytes: 1 }, url, finalUrl: url, status: 200, contentType: 'text/html', charset: 'utf-8', method: 'http',
  fetchedAt: '2026-10-01T12:00:00Z', redirects: [],
}; // prettier-ignore
const known = (name: string, state: TemplateState, templateId: string = shape.templateId): ShapeTemplate => ({
  ...shape,
  templateId,
  structure: [`type ${name}`],
  state,
});
const old = known('old', { kind: 'active', version });
const found = known('new', { kind: 'unknown' }, 'tpl_new');

/** Plans for a page that was placed with `found`, when three of four pages of `old` came so. */
function plan(joined: readonly ShapeTemplate[] | null) {
  const shown = [[old, found], joined ?? []];
  const activities = createSampleActivities({
    blobs: { get: async () => new Uint8Array() } as Partial<BlobStore> as BlobStore,
    ledger: { samples: async () => [] },
    cpu: { sampleCandidates: async () => ({ place: { templateId: found.templateId }, candidates: [] }) },
    health: {} as TemplateHealth,
    jobLog: { append: async () => {} } as Partial<JobLog> as JobLog,
    pageTemplates: {
      ofShapes: async () => new Map([[shape.templateId, shown.shift() ?? []]]),
      remember: async () => ({ moves: [{ from: shape.templateId, to: found.templateId, moved: 3, stayed: 0 }], ended: [] }),
      join: async () => (joined === null ? { kind: 'apart' } : { kind: 'joined', version: 4 }),
    } as Partial<PageTemplates> as PageTemplates,
  });
  const run = () => activities.planSamples({ jobId: 'job_1', snapshot, maxSamples: 0 });
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run<[], Awaited<ReturnType<typeof run>>, typeof run>(run);
}

it('a page that shows a new design of its template is one of what is to be learned again', async () => {
  const joined = known('new', { kind: 'quarantined', version, reason: 'redesigned', isOverdue: false });
  expect(await plan([joined])).toMatchObject({ template: shape, state: 'unknown', activeVersion: null });
  expect(await plan(null)).toMatchObject({ template: { templateId: 'tpl_new' }, state: 'unknown', activeVersion: null });
});
