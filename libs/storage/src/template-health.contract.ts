import type { TemplateObservation, TemplateVersion } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { newOwner, type StorageServer, templateDraft } from './samples.contract.js';
import { createSiteReader } from './site-reader.js';
import { createTemplateHealth } from './template-health.js';
import { createTemplateStore } from './template-store.js';
import { createTemplateWriter } from './template-writer.js';

const good: TemplateObservation = {
  ruleAnswered: true,
  alternativeUsed: false,
  fellBack: false,
  fieldsFilled: 1,
  contentChars: 1_000,
  agreement: 0.9,
};

export function templateHealthContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  const saved = async (): Promise<TemplateVersion> => createTemplateStore(database).save(templateDraft(`${newOwner()}.example`));
  const other = (version: TemplateVersion): Parameters<ReturnType<typeof createTemplateStore>['save']>[0] => ({
    ...templateDraft(version.site),
    templateId: version.templateId,
    shape: version.shape,
    config: { ...version.config, exclude: ['.another'] },
  });

  describe('template health', () => {
    it('keeps the last twenty observations of the version that serves', async () => {
      const health = createTemplateHealth(database);
      const version = await saved();
      const seen = Array.from({ length: 15 }, (_, index) => ({ ...good, contentChars: index }));
      expect(await health.observe(version, 1, seen)).toEqual(seen);
      const window = await health.observe(version, 1, seen);
      expect([window.length, window[0]?.contentChars, window.at(-1)?.contentChars]).toEqual([20, 10, 14]);
      expect(await health.observe(version, 2, [good])).toEqual([good]);
      expect(await health.observe(version, 1, [good])).toEqual([]);
      expect(await health.observe({ ...version, templateId: 'tpl_nobody' }, 1, [good])).toEqual([good]);
    });

    it('takes a version out of service once, however many ask, and a new one ends that', async () => {
      const [health, store] = [createTemplateHealth(database), createTemplateStore(database)];
      const version = await saved();
      const taken = await Promise.all(Array.from({ length: 8 }, () => health.quarantine(version, 1, 'shape 0.5')));
      expect(taken.filter(Boolean)).toEqual([true]);
      expect(await store.find(version)).toMatchObject({
        kind: 'quarantined',
        reason: 'shape 0.5',
        isOverdue: false,
        version: { version: 1 },
      });
      expect(await createSiteReader(database).templates(version.site)).toMatchObject([{ activeVersion: 1, quarantineReason: 'shape 0.5' }]);
      expect(await store.save(other(version), false)).toMatchObject({ version: 2, state: 'candidate' });
      expect(await store.find(version)).toMatchObject({ kind: 'quarantined' });
      expect(await store.save(other(version))).toMatchObject({ version: 2, state: 'active' });
      expect(await store.find(version)).toMatchObject({ kind: 'active', version: { version: 2 } });
      expect(await health.quarantine(version, 1, 'late')).toBe(false);
    });

    it('serves again when learning found nothing better, and is then left alone for a while', async () => {
      const [health, store] = [createTemplateHealth(database), createTemplateStore(database)];
      const version = await saved();
      await health.quarantine(version, 1, 'fill');
      await health.release(version, 1, null);
      expect(await store.find(version)).toMatchObject({ kind: 'active' });
      expect(await health.quarantine(version, 1, 'fill')).toBe(false);
      await database.dataSource.query(`update templates set relearn_after = now() - interval '1 second' where site = $1`, [version.site]);
      expect(await health.quarantine(version, 1, 'fill')).toBe(true);
      await health.release(version, 1, null);
      const [row] = await database.dataSource.query(
        'select relearn_attempts as attempts, extract(epoch from relearn_after - now())::float as seconds from templates where site = $1',
        [version.site],
      );
      expect([row.attempts, Math.round(row.seconds / 3_600)]).toEqual([2, 2]);
    });

    it('heeds what people decide: a pinned version stays, an activated one starts anew', async () => {
      const [health, store, writer] = [createTemplateHealth(database), createTemplateStore(database), createTemplateWriter(database)];
      const version = await saved();
      await writer.decide(version, 'pin');
      expect(await health.quarantine(version, 1, 'shape')).toBe(false);
      await writer.decide(version, 'activate');
      expect(await health.quarantine(version, 1, 'shape')).toBe(true);
      await writer.decide(version, 'activate');
      expect(await store.find(version)).toMatchObject({ kind: 'active', version: { version: 1, pinned: false } });
    });

    it('notices a quarantine whose learning was lost', async () => {
      const [health, store] = [createTemplateHealth(database), createTemplateStore(database)];
      const version = await saved();
      await health.quarantine(version, 1, 'shape');
      await database.dataSource.query(`update templates set quarantined_at = now() - interval '11 minutes' where site = $1`, [
        version.site,
      ]);
      expect(await store.find(version)).toMatchObject({ kind: 'quarantined', isOverdue: true });
      expect(await health.quarantine(version, 1, 'shape')).toBe(true);
    });
  });
}
