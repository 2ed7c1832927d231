/** The typed workflow client against the running system: what it starts, steers and asks is what the API started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createJobWorkflowClient, type JobWorkflowClient } from '@gleaner/workflows/client';
import { Client, Connection, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureSite, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

const EXAMPLE = fileURLToPath(new URL('../../libs/workflows/examples/steer-job.mjs', import.meta.url));

let site: FixtureSite;
let gleaner: Gleaner;
let connection: Connection;
let workflows: JobWorkflowClient;
beforeAll(async () => {
  site = await startFixtureSite();
  gleaner = await startGleaner({ allow: [site.address] });
  connection = await Connection.connect({ address: gleaner.ready.temporal });
  workflows = createJobWorkflowClient(new Client({ connection }));
});
afterAll(async () => {
  await connection?.close();
  await gleaner?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

describe('the workflow client', () => {
  it('steers a running job and gives its result: the example runs', async () => {
    const hold = site.hold('/news/story-1');
    const job = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-1` } });
    await hold.arrived;
    const example = spawn(process.execPath, [EXAMPLE, gleaner.ready.temporal, job.workflow.id], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    example.stdout.on('data', (part: Buffer) => (output += part.toString()));
    const ended = once(example, 'exit');
    await waitUntil(async () => output.includes('RUNNING'), 60_000);
    hold.release();
    expect((await ended)[0]).toBe(0);
    const [running, completed, { story }] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>) as [object, object, Record<string, string>];
    const document = await gleaner.client.result(job.id);
    expect(running).toEqual({ status: 'RUNNING' });
    expect(completed).toEqual({ status: 'COMPLETED', documentId: document.id });
    expect(story).toContain(`stored as ${document.id}`);
  });

  it('starts the workflow of a job once, whoever started it', async () => {
    const url = `${site.url}/news/story-2`;
    // Learning may have looked at it as a sample before.
    const before = site.hits.get('/news/story-2') ?? 0;
    const hold = site.hold('/news/story-2');
    const job = await gleaner.client.startJob({ kind: 'extract', input: { url } });
    await hold.arrived;
    const again = await workflows.start({
      id: job.id,
      ownerId: 'usr_nobody',
      kind: 'extract',
      input: { url },
      priority: 3,
      workflowId: job.workflow.id,
    });
    expect((await again.handle.describe()).runId).toBe((await gleaner.client.job(job.id)).workflow.runId);
    hold.release();
    expect((await again.result()).documentId).toBe((await gleaner.client.result(job.id)).id);
    expect(site.hits.get('/news/story-2')).toBe(before + 1);
  });

  it('cancels, and tells what failed and what is not there', async () => {
    const hold = site.hold('/news/story-5');
    const job = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-5` } });
    await hold.arrived;
    const workflow = workflows.of({ workflowId: job.workflow.id });
    await workflow.cancel();
    await expect(workflow.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect((await gleaner.client.wait(job.id)).state).toBe('cancelled');
    hold.release();
    const nobody = workflows.of({ workflowId: 'nobody' });
    expect(await nobody.status()).toBeNull();
    await expect(nobody.pause()).rejects.toBeInstanceOf(WorkflowNotFoundError);
  });
});
