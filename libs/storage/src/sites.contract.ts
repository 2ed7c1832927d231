import { beforeAll, describe, expect, it } from 'vitest';
import { createApiKeys } from './api-keys.js';
import type { Database } from './database.js';
import { createHostGate } from './host-gate.js';
import { createRobotsCache } from './robots-cache.js';
import { newOwner, type StorageServer, templateDraft } from './samples.contract.js';
import { createSiteMemory } from './site-memory.js';
import { createSiteReader } from './site-reader.js';
import { createTemplateStore } from './template-store.js';

export function sitesContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  hostGateContract(() => database);
  templateContract(() => database);

  describe('site memory and reader', () => {
    it('remembers that a site needs a browser', async () => {
      const memory = createSiteMemory(database);
      const site = `${newOwner()}.example`;
      const pages = { site, templateId: 'tpl_app', shape: '/app/*' };
      expect(await memory.needsBrowser(pages)).toBeNull();
      await memory.rememberBrowser(pages, false);
      expect(await memory.needsBrowser(pages)).toBe(false);
      expect(await createSiteReader(database).get(site)).toBeNull();
      await memory.rememberBrowser(pages, true);
      await memory.rememberBrowser(pages, true);
      await memory.rememberBrowser(pages, false);
      expect(await memory.needsBrowser(pages)).toBe(true);
      expect(await memory.needsBrowser({ ...pages, templateId: 'tpl_other' })).toBeNull();
      await database.dataSource.query("update browser_shapes set until = until - interval '8 days' where site = $1", [site]);
      expect(await memory.needsBrowser(pages)).toBeNull();
      await memory.rememberBrowser(pages, false);
      expect(await memory.needsBrowser(pages)).toBe(false);
      expect(await createSiteReader(database).get(site)).toMatchObject({ host: site, needsBrowser: true, templates: 0 });
    });

    it('lists sites in order, page by page', async () => {
      const prefix = `0-${newOwner()}`;
      const hosts = ['a', 'b', 'c'].map((name) => `${prefix}.${name}`);
      for (const host of hosts) await createSiteMemory(database).rememberBrowser({ site: host, templateId: 'tpl_x', shape: '/x' }, true);
      const reader = createSiteReader(database);
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await reader.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        found.push(...page.items.map(({ host }) => host));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect(found.filter((host) => host.startsWith(prefix))).toEqual(hosts);
      expect(new Set(found).size).toBe(found.length);
      await expect(reader.list({ limit: 2, cursor: 'a b' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await reader.get('unknown\0.example')).toBeNull();
    });
  });

  describe('robots cache', () => {
    it('keeps bytes as they came, and the newer record', async () => {
      const cache = createRobotsCache(database);
      const origin = `https://${newOwner()}.example`;
      const record = {
        origin,
        status: 200,
        body: new Uint8Array([0, 255, 10, 0]),
        fetchedAt: '2026-01-02T00:00:00.000Z',
        expiresAt: '2026-01-03T00:00:00.000Z',
      };
      expect(await cache.get(origin)).toBeNull();
      await cache.put(record);
      await cache.put({ ...record, status: 500, body: null, fetchedAt: '2026-01-01T00:00:00.000Z' });
      expect(await cache.get(origin)).toEqual(record);
      await cache.put({ ...record, status: 500, body: null });
      expect(await cache.get(origin)).toEqual({ ...record, status: 500, body: null });
    });
  });

  describe('API keys', () => {
    it('knows the admin key and no other, and follows a new one', async () => {
      const keys = createApiKeys(database);
      const [first, second] = [`gk_${newOwner()}`, `gk_${newOwner()}`];
      await keys.ensureAdmin(first);
      await keys.ensureAdmin(first);
      const record = await keys.authenticate(first);
      expect(record).toMatchObject({ name: 'admin', scopes: ['read', 'jobs', 'admin'], expiresAt: null });
      expect(record?.id).toMatch(/^key_/);
      expect(record?.ownerId).toMatch(/^usr_/);
      expect((await keys.authenticate(first))?.lastUsedAt).not.toBeNull();
      for (const wrong of ['', 'x', `${first}x`, first.slice(1), 'k'.repeat(100_000), `${first}\0`])
        expect(await keys.authenticate(wrong)).toBeNull();
      await keys.ensureAdmin(second);
      expect(await keys.authenticate(first)).toBeNull();
      expect(await keys.authenticate(second)).toMatchObject({ id: record?.id, ownerId: record?.ownerId });
      await database.dataSource.query(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [record?.id]);
      expect(await keys.authenticate(second)).toBeNull();
      await database.dataSource.query('delete from api_keys where id = $1', [record?.id]);
    });

    it('keeps no key in the database', async () => {
      const key = `gk_${newOwner()}`;
      await createApiKeys(database).ensureAdmin(key);
      expect(JSON.stringify(await database.dataSource.query('select * from api_keys'))).not.toContain(key.slice(3));
    });
  });
}

function hostGateContract(current: () => Database): void {
  describe('host gate', () => {
    it('gives one turn per interval and says how long to wait', async () => {
      const gate = createHostGate(current());
      const host = newOwner();
      expect(await gate.take(host, 60_000)).toEqual({ granted: true });
      const refused = await gate.take(host, 60_000);
      if (refused.granted) throw new Error('two turns in one interval');
      expect(refused.waitMs).toBeGreaterThan(50_000);
      expect(refused.waitMs).toBeLessThanOrEqual(60_000);
      expect(await gate.take(`${host}:8080`, 60_000)).toEqual({ granted: true });
    });

    it('gives turns at once when there is no interval', async () => {
      const gate = createHostGate(current());
      const host = newOwner();
      for (let count = 0; count < 5; count++) expect(await gate.take(host, 0)).toEqual({ granted: true });
    });
  });
}

function templateContract(current: () => Database): void {
  describe('templates', () => {
    it('numbers versions, retires the one before, and knows a config again', async () => {
      const store = createTemplateStore(current());
      const site = `${newOwner()}.example`;
      const draft = templateDraft(site);
      expect(await store.find(draft)).toEqual({ kind: 'unknown' });
      const first = await store.save(draft);
      expect(first).toMatchObject({ ...draft, version: 1, state: 'active' });
      const { fields, content, ...rest } = draft.config;
      expect(await store.save({ ...draft, config: { fields, content, ...rest } })).toEqual(first);
      const second = await store.save({ ...draft, config: { ...draft.config, exclude: [] } });
      expect(second).toMatchObject({ version: 2, state: 'active' });
      expect(await store.find(draft)).toEqual({ kind: 'active', version: second });
      expect(await store.save(draft)).toMatchObject({ version: 1, state: 'active' });
      const versions = await createSiteReader(current()).versions(site, draft.templateId);
      expect(versions.map(({ version, state }) => [version, state])).toEqual([
        [2, 'retired'],
        [1, 'active'],
      ]);
      expect(await createSiteReader(current()).versions(site, 'tpl_other')).toEqual([]);
      expect(await createSiteReader(current()).templates(site)).toMatchObject([
        { templateId: 'tpl_news', shape: '/news/*', type: 'article', activeVersion: 1, versions: 2, unlearnableReason: null },
      ]);
      expect(await createSiteReader(current()).get(site)).toMatchObject({ templates: 1 });
    });

    it('does not serve a version that was rejected', async () => {
      const store = createTemplateStore(current());
      const draft = templateDraft(`${newOwner()}.example`);
      await store.save(draft);
      const second = await store.save({ ...draft, config: { ...draft.config, exclude: [] } });
      await current().dataSource.query(`update template_versions set state = 'rejected' where site = $1 and version = 1`, [draft.site]);
      expect(await store.save(draft)).toMatchObject({ version: 1, state: 'rejected' });
      expect(await store.find(draft)).toEqual({ kind: 'active', version: second });
    });

    it('remembers for a time that learning gave nothing', async () => {
      const store = createTemplateStore(current());
      const draft = templateDraft(`${newOwner()}.example`);
      const until = new Date(Date.now() + 60_000).toISOString();
      await store.markUnlearnable(draft, 'too few pages', until);
      expect(await store.find(draft)).toEqual({ kind: 'unlearnable', until, reason: 'too few pages' });
      expect(await createSiteReader(current()).templates(draft.site)).toMatchObject([
        { type: null, activeVersion: null, versions: 0, unlearnableReason: 'too few pages' },
      ]);
      await store.markUnlearnable(draft, 'too few pages', new Date(Date.now() - 1_000).toISOString());
      expect(await store.find(draft)).toEqual({ kind: 'unknown' });
      await store.markUnlearnable(draft, 'again', until);
      await store.save(draft);
      expect(await store.find(draft)).toMatchObject({ kind: 'active' });
    });
  });
}
