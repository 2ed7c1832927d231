import { Fault } from '@gleaner/domain';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Context, cancellationSignal } from '@temporalio/activity';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { activityInterceptor } from './activity-interceptor.js';

interface Scene {
  readonly environment: MockActivityEnvironment;
  readonly heartbeats: () => number;
  readonly warnings: readonly Readonly<Record<string, unknown>>[];
  /** Runs the work as an activity inside the interceptor. */
  readonly run: (work: () => Promise<unknown>) => Promise<unknown>;
}

function scene(isLocal = false): Scene {
  const environment = new MockActivityEnvironment({ isLocal }, { logger: new DefaultLogger('ERROR', () => undefined) });
  const warnings: Readonly<Record<string, unknown>>[] = [];
  let heartbeats = 0;
  environment.on('heartbeat', () => heartbeats++);
  const log = { warn: (fields: Readonly<Record<string, unknown>>) => void warnings.push(fields) };
  const run = (work: () => Promise<unknown>): Promise<unknown> =>
    environment.run(async () => {
      const { inbound } = activityInterceptor(log)(Context.current());
      return await inbound?.execute?.({ args: [], headers: {} }, work);
    });
  return { environment, warnings, run, heartbeats: () => heartbeats };
}

/** Ends when the condition holds; the test's own timeout is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('activityInterceptor', () => {
  it('heartbeats while a stage works that knows nothing of it, and not after', async () => {
    const { run, heartbeats } = scene();
    expect(await run(async () => await until(() => heartbeats() >= 2).then(() => 'done'))).toBe('done');
    const atTheEnd = heartbeats();
    await new Promise((resolve) => setTimeout(resolve, 1_800));
    expect(heartbeats()).toBe(atTheEnd);
  });

  it('does not heartbeat for local activities', async () => {
    const { run, heartbeats } = scene(true);
    await run(async () => await new Promise((resolve) => setTimeout(resolve, 1_800)));
    expect(heartbeats()).toBe(0);
  });

  it('makes a cancellation of whatever a cancelled stage throws', async () => {
    const { run, environment, warnings } = scene();
    const running = run(async () => {
      await until(() => cancellationSignal().aborted);
      throw new Error('the socket was destroyed');
    });
    environment.cancel();
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
    expect(warnings).toEqual([]);
  });

  it('translates faults, and logs only what nobody expected', async () => {
    const { run, warnings } = scene();
    await expect(run(async () => Promise.reject(new Fault('CONNECT_FAILED', { detail: 'no' })))).rejects.toMatchObject({
      type: 'CONNECT_FAILED',
    });
    expect(warnings).toEqual([]);
    await expect(run(async () => Promise.reject(new Error('secret 10.0.0.1')))).rejects.toMatchObject({
      type: 'INTERNAL',
      message: expect.not.stringContaining('10.0.0.1') as string,
    });
    expect(warnings).toHaveLength(1);
  });
});
