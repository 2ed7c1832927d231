import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { createJobLog } from './job-log.js';
import { createJobReader } from './job-reader.js';
import { createJobWriter } from './job-writer.js';
import { createJob, newOwner, type StorageServer, templateDraft } from './samples.contract.js';
import { createTemplateStore } from './template-store.js';
import { createTemplateWriter } from './template-writer.js';

/** What people change of jobs and templates that are there. */
export function steeringContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  describe('pausing', () => {
    it('writes state and event together, and each once', async () => {
      const [log, reader, ownerId] = [createJobLog(database), createJobReader(database), newOwner()];
      const { id } = await createJob(database, ownerId);
      const state = async () => (await reader.get(ownerId, id))?.state;
      await log.paused(id, 'pause-1');
      await log.paused(id, 'pause-1');
      expect(await state()).toBe('paused');
      await log.resumed(id, 'resume-1');
      await log.paused(id, 'pause-1'); // an activity that runs again late
      expect(await state()).toBe('running');
      await log.paused(id, 'pause-2');
      await log.finish(id, { state: 'cancelled' });
      await log.resumed(id, 'resume-2');
      expect(await state()).toBe('cancelled');
      const types = (await reader.events(id, 0, 10)).map(({ type }) => type);
      expect(types).toEqual(['job.paused', 'job.resumed', 'job.paused', 'job.cancelled']);
    });
  });

  describe('retrying', () => {
    it('makes one new job however many ask, and both name each other', async () => {
      const [writer, reader, ownerId] = [createJobWriter(database), createJobReader(database), newOwner()];
      const failed = await createJob(database, ownerId, { labels: ['a'], priority: 2, options: { x: 1 } });
      await expect(writer.retry(ownerId, failed.id)).rejects.toMatchObject({ code: 'CONFLICT' });
      await createJobLog(database).finish(failed.id, { state: 'failed' });
      await expect(writer.retry(newOwner(), failed.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const again = await Promise.all([1, 2, 3].map(() => writer.retry(ownerId, failed.id)));
      expect(new Set(again.map(({ id }) => id)).size).toBe(1);
      const { input, labels, priority, options } = failed;
      expect(again[0]).toMatchObject({ state: 'queued', retryOf: failed.id, retriedAs: null, input, labels, priority, options });
      expect(await reader.get(ownerId, failed.id)).toMatchObject({ state: 'failed', retriedAs: again[0]?.id });
      expect(await reader.events(failed.id, 0, 10)).toHaveLength(1);
    });

    it('leads to the same request where that runs already', async () => {
      const [writer, ownerId] = [createJobWriter(database), newOwner()];
      const failed = await createJob(database, ownerId, { dedupeKey: 'same' });
      await createJobLog(database).finish(failed.id, { state: 'cancelled' });
      const running = await createJob(database, ownerId, { dedupeKey: 'same' });
      expect((await writer.retry(ownerId, failed.id)).id).toBe(running.id);
    });
  });

  describe('changing', () => {
    it('changes what is named of a job that is not final', async () => {
      const [writer, reader, ownerId] = [createJobWriter(database), createJobReader(database), newOwner()];
      const { id } = await createJob(database, ownerId, { labels: ['a'], priority: 2 });
      expect(await writer.change(ownerId, id, { priority: 5 })).toMatchObject({ priority: 5, labels: ['a'] });
      expect(await writer.change(ownerId, id, { labels: ['x', 'y'] })).toMatchObject({ priority: 5, labels: ['x', 'y'] });
      const found = async (labels: string[]) => (await reader.list(ownerId, { labels }, { limit: 10 })).items.map((job) => job.id);
      expect([await found(['y', 'x']), await found(['x', 'a'])]).toEqual([[id], []]);
      await expect(writer.change(newOwner(), id, {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await createJobLog(database).finish(id, { state: 'completed' });
      await expect(writer.change(ownerId, id, { priority: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
    });
  });

  describe('verdicts on template versions', () => {
    const learn = (site: string, selector: string) => {
      const draft = templateDraft(site);
      return createTemplateStore(database).save({ ...draft, config: { ...draft.config, content: [{ selector, evidence: 'structure' }] } });
    };
    const serving = async (site: string) => {
      const state = await createTemplateStore(database).find(templateDraft(site));
      return state.kind === 'active' ? state.version.version : state.kind;
    };

    it('activate, pin and reject decide what serves, also against what is learned later', async () => {
      const [writer, site] = [createTemplateWriter(database), `${newOwner()}.example`];
      const version = (number: number) => ({ site, templateId: 'tpl_news', version: number });
      await learn(site, 'article');
      await learn(site, 'main');
      expect(await serving(site)).toBe(2);
      expect(await writer.decide(version(1), 'activate')).toMatchObject({ version: 1, state: 'active', pinned: false });
      expect(await serving(site)).toBe(1);
      expect(await writer.decide(version(1), 'pin')).toMatchObject({ state: 'active', pinned: true });
      expect(await writer.decide(version(1), 'pin')).toMatchObject({ state: 'active', pinned: true });
      expect(await learn(site, 'section')).toMatchObject({ version: 3, state: 'candidate' });
      expect(await serving(site)).toBe(1);
      expect(await writer.decide(version(1), 'activate')).toMatchObject({ pinned: false });
      expect(await learn(site, 'section')).toMatchObject({ version: 3, state: 'active' });
      expect(await writer.decide(version(3), 'reject')).toMatchObject({ state: 'rejected' });
      expect(await serving(site)).toBe('unknown');
      expect(await learn(site, 'section')).toMatchObject({ version: 3, state: 'rejected' });
      await expect(writer.decide(version(3), 'activate')).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(writer.decide(version(3), 'pin')).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(writer.decide(version(9), 'pin')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(writer.decide({ ...version(1), site: 'nowhere\0' }, 'reject')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
}
