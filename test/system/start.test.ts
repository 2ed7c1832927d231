/** The running system as a whole: what it says, what it refuses, what it leaves behind. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, isAlive, startGleaner } from '../support/gleaner.js';
import { readableText } from '../support/payload-text.js';
import { runSupervisor } from '../support/run-supervisor.js';

const MAX_MESSAGE_BYTES = 10_000;

let site: FixtureSite;
let gleaner: Gleaner;
beforeAll(async () => {
  site = await startFixtureSite();
  gleaner = await startGleaner({ allow: [site.address] });
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

describe('the running system', () => {
  it('extracts a page, then serves the next of its kind by the template it learned', async () => {
    const first = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-1` } }, { waitSeconds: 60 });
    expect(first.state).toBe('completed');
    const second = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-2` } }, { waitSeconds: 60 });
    const document = await gleaner.client.result(second.id);
    expect(document).toMatchObject({
      title: 'Story number 2',
      author: ['Ada Marlow'],
      publishedAt: expect.stringMatching(/^2026-03-03/),
      language: 'en',
      extraction: { method: 'template', version: 1, fetch: 'http' },
      evidence: { title: { verbatim: true } },
    });
    const markdown = await gleaner.client.markdown(second.id);
    expect(markdown).toContain(markOf(2));
    expect(markdown).not.toContain('All rights reserved');
  });

  it('renders a page that is built by JavaScript, and knows next time', async () => {
    const job = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/app` } }, { waitSeconds: 60 });
    expect(await gleaner.client.markdown(job.id)).toContain('markapp');
    expect(await gleaner.client.result(job.id)).toMatchObject({ extraction: { fetch: 'browser' } });
  });

  it('learns on demand', async () => {
    const job = await gleaner.client.startJob(
      { kind: 'learn', input: { url: `${site.url}/news/story-3`, fresh: true } },
      { waitSeconds: 60 },
    );
    expect(job.state).toBe('completed');
    const detail = await gleaner.client.site(site.address);
    expect(detail.templates).toEqual(expect.arrayContaining([expect.objectContaining({ shape: '/news/*', activeVersion: 1 })]));
  });

  it('keeps every message small, and keys out of histories and logs', async () => {
    const connection = await Connection.connect({ address: gleaner.ready.temporal });
    try {
      const list = await connection.workflowService.listWorkflowExecutions({ namespace: 'default', pageSize: 200 });
      expect(list.executions?.length).toBeGreaterThan(3);
      let all = '';
      for (const { execution } of list.executions ?? []) {
        const { history } = await connection.workflowService.getWorkflowExecutionHistory({
          namespace: 'default',
          execution: execution ?? {},
        });
        for (const event of history?.events ?? []) {
          const text = readableText(event);
          expect(text.length, `${execution?.workflowId} event ${String(event.eventId)}`).toBeLessThan(MAX_MESSAGE_BYTES);
          all += text;
        }
      }
      // What must be readable is readable, so what must not be would be found.
      expect(all).toContain(`${site.url}/news/story-1`);
      expect(all).not.toContain(gleaner.key);
      expect(all).not.toContain(markOf(1));
    } finally {
      await connection.close();
    }
    for (const file of await readdir(join(gleaner.folder, 'logs')))
      expect(await readFile(join(gleaner.folder, 'logs', file), 'utf8'), file).not.toContain(gleaner.key);
  });

  it('keeps its key to its user', async () => {
    expect((await stat(join(gleaner.folder, 'admin.key'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a second start on the same data, naming the first', async () => {
    const refused = await runSupervisor(['--no-demo', '--port', '0', '--temporal-port', '0', '--data', gleaner.folder]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(String(gleaner.supervisor.pid));
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('stops in order and leaves nothing', async () => {
    const pids = Object.values(await gleaner.pids());
    expect(pids.length).toBe(6);
    expect(await gleaner.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await readdir(join(gleaner.folder, 'run'))).not.toContain('ready.json');
  });
});
