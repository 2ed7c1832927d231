import { QUEUES } from '@gleaner/domain';
import { SEARCH_ATTRIBUTES } from '@gleaner/workflows/contract';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReadySchema } from '../health/health.dto.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { TEMPORAL_CLI, type TemporalServer, startTemporal } from '../test-support/test-temporal.js';

describe.skipIf(TEMPORAL_CLI === undefined)('with a Temporal server', () => {
  let server: TemporalServer;
  let api: TestApi;
  beforeAll(async () => {
    server = await startTemporal();
    api = await startTestApi({
      temporalAddress: server.address,
      timings: { startTimeoutMs: 10_000, reconcileEveryMs: 50, untouchedMs: 0 },
    });
  });
  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  let pages = 0;
  const request = () => ({ kind: 'extract', input: { url: `https://example.com/t/${++pages}` } });
  const start = async () => (await api.call('/api/v1/jobs', { method: 'POST', body: request() })).json;
  const describeWorkflow = (workflowId: string) => server.client.workflow.getHandle(workflowId).describe();
  const stateOf = async (id: string) => (await api.call(`/api/v1/jobs/${id}`)).json.state;

  /** Answers the next task of the workflow as a worker would, with one command that closes it. */
  async function close(workflowId: string, command: object): Promise<void> {
    const { connection } = server.client;
    const { workflowService } = connection;
    for (;;) {
      const task = await connection.withDeadline(Date.now() + 10_000, () =>
        workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue: { name: 'workflows' }, identity: 'test' }),
      );
      const mine = task.workflowExecution?.workflowId === workflowId;
      if (task.taskToken?.length)
        await workflowService.respondWorkflowTaskCompleted({
          namespace: 'default',
          taskToken: task.taskToken,
          identity: 'test',
          commands: mine ? [command] : [],
        });
      if (mine) return;
    }
  }
  const COMPLETE = 4;
  const FAIL = 5;
  const CANCEL = 7;

  it('starts the workflow of a job with its search attributes', async () => {
    const job = await start();
    const { status, type, typedSearchAttributes, memo } = await describeWorkflow(job.workflow.id);
    expect([status.name, type]).toEqual(['RUNNING', 'extractPage']);
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.site)).toBe('example.com');
    expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.jobKind)).toBe('extract');
    expect(memo).toEqual({ url: job.input.url });
  });

  it('starts what was stored and never started', async () => {
    const { job } = (await api.jobs.create({
      ownerId: 'usr_1',
      kind: 'extract',
      input: request().input,
      options: {},
      priority: 3,
      labels: [],
      dedupeKey: 'x',
    })) as { job: { workflowId: string } };
    await expect
      .poll(
        () =>
          describeWorkflow(job.workflowId).then(
            ({ status }) => status.name,
            () => 'missing',
          ),
        { timeout: 10_000 },
      )
      .toBe('RUNNING');
  });

  it('finishes what was terminated, failed, cancelled or completed without its end being written', async () => {
    const terminated = await start();
    await server.client.workflow.getHandle(terminated.workflow.id).terminate('test');
    await expect.poll(() => stateOf(terminated.id), { timeout: 10_000 }).toBe('failed');
    expect((await api.call(`/api/v1/jobs/${terminated.id}`)).json.error).toMatchObject({ code: 'WORKFLOW_TERMINATED', retryable: true });

    const failing = await start();
    await close(failing.workflow.id, {
      commandType: FAIL,
      failWorkflowExecutionCommandAttributes: {
        failure: { message: 'Gone.', applicationFailureInfo: { type: 'HTTP_404', nonRetryable: true } },
      },
    });
    await expect.poll(() => stateOf(failing.id), { timeout: 10_000 }).toBe('failed');
    expect((await api.call(`/api/v1/jobs/${failing.id}`)).json.error).toEqual({ code: 'HTTP_404', detail: 'Gone.', retryable: false });

    const completing = await start();
    const result = { payloads: [defaultPayloadConverter.toPayload({ documentId: 'doc_1' })] };
    await close(completing.workflow.id, { commandType: COMPLETE, completeWorkflowExecutionCommandAttributes: { result } });
    await expect.poll(() => stateOf(completing.id), { timeout: 10_000 }).toBe('completed');
    expect((await api.call(`/api/v1/jobs/${completing.id}/result`)).json.id).toBe('doc_1');

    const cancelling = await start();
    expect((await api.call(`/api/v1/jobs/${cancelling.id}/cancel`, { method: 'POST' })).status).toBe(202);
    await close(cancelling.workflow.id, { commandType: CANCEL, cancelWorkflowExecutionCommandAttributes: {} });
    await expect.poll(() => stateOf(cancelling.id), { timeout: 10_000 }).toBe('cancelled');
  });

  it('cancels a job that has no workflow yet', async () => {
    const still = await startTestApi({ temporalAddress: server.address, timings: { reconcileEveryMs: 60_000 } });
    const { job } = (await still.jobs.create({
      ownerId: 'usr_1',
      kind: 'extract',
      input: request().input,
      options: {},
      priority: 3,
      labels: [],
      dedupeKey: 'y',
    })) as { job: { id: string } };
    const answer = await still.call(`/api/v1/jobs/${job.id}/cancel`, { method: 'POST' });
    await still.close();
    expect([answer.status, answer.json.state]).toEqual([202, 'cancelled']);
  });

  it('is ready when somebody polls every queue, and says which one nobody polls', async () => {
    const before = await api.call('/health/ready', { key: null });
    expect(before.status).toBe(503);
    const report = ReadySchema.strict().parse(before.json);
    expect(report.checks).toMatchObject({
      database: { status: 'ok' },
      temporal: { status: 'ok' },
      blobs: { status: 'ok' },
      queues: { status: 'failed' },
    });
    expect(report.checks.queues.reason).toMatch(/^No worker polls .*fetch.*analyze/);
    const { connection } = server.client;
    const activities = QUEUES.filter((queue) => queue !== 'workflows');
    const polls = Promise.allSettled(
      activities.map((name) =>
        connection.withDeadline(Date.now() + 3_000, () =>
          connection.workflowService.pollActivityTaskQueue({ namespace: 'default', taskQueue: { name }, identity: 'test' }),
        ),
      ),
    );
    await expect.poll(async () => (await api.call('/health/ready', { key: null })).status, { timeout: 10_000 }).toBe(200);
    await polls;
  });

  it('says what is away, in time, and stays alive', async () => {
    const other = await startTestApi({ timings: { checkTimeoutMs: 300 }, platform: { checkDatabase: () => new Promise(() => undefined) } });
    const before = Date.now();
    const answer = await other.call('/health/ready', { key: null });
    expect(Date.now() - before).toBeLessThan(2_000);
    expect([answer.status, answer.json.status]).toEqual([503, 'failed']);
    expect(answer.json.checks).toMatchObject({
      database: { status: 'failed', reason: 'No answer within 300 ms.' },
      temporal: { status: 'failed', reason: 'The Temporal server does not answer.' },
      blobs: { status: 'ok' },
    });
    expect((await other.call('/health/live', { key: null })).status).toBe(200);
    await other.close();
  });
});
