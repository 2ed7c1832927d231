import { Fault } from '@gleaner/domain';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { toApplicationFailure } from './failure.js';

describe('toApplicationFailure', () => {
  it('carries the code as type and says whether to retry', () => {
    expect(toApplicationFailure(new Fault('ROBOTS_DISALLOWED', { detail: 'no' }), 1)).toMatchObject({
      type: 'ROBOTS_DISALLOWED',
      nonRetryable: true,
      message: 'no',
    });
    expect(toApplicationFailure(new Fault('CONNECT_FAILED', { detail: 'no' }), 1)).toMatchObject({
      type: 'CONNECT_FAILED',
      nonRetryable: false,
    });
    expect(toApplicationFailure(new Fault('CONNECT_FAILED', { detail: 'no' }), 3)).toMatchObject({ nonRetryable: true });
  });

  it('waits as long as it was told', () => {
    expect(toApplicationFailure(new Fault('HOST_BUSY', { detail: 'later', retryAfterMs: 4_000 }), 900)).toMatchObject({
      nonRetryable: false,
      nextRetryDelay: 4_000,
      category: 'BENIGN',
    });
  });

  it('tells nothing of an unknown error, which may hold anything', () => {
    const failure = toApplicationFailure(new Error('password hunter2 at 10.0.0.1'), 1);
    expect(failure).toMatchObject({ type: 'INTERNAL', nonRetryable: false });
    expect(JSON.stringify(failure) + failure.message).not.toMatch(/hunter2|10\.0\.0\.1/);
  });

  it('leaves failures of Temporal as they are', () => {
    const cancelled = new CancelledFailure('stop');
    expect(toApplicationFailure(cancelled, 1)).toBe(cancelled);
    const failure = ApplicationFailure.nonRetryable('x', 'TOO_LARGE');
    expect(toApplicationFailure(failure, 1)).toBe(failure);
  });
});
