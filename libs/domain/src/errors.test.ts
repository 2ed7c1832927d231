import { describe, expect, it } from 'vitest';
import { ERRORS, isErrorCode } from './errors.js';
import { Fault } from './fault.js';
import { isLastAttempt } from './retry.js';

describe('the error table', () => {
  it('gives every code an HTTP error status, a title and a remedy', () => {
    for (const [code, entry] of Object.entries(ERRORS)) {
      expect(entry.status, code).toBeGreaterThanOrEqual(400);
      expect(entry.title && entry.remedy, code).toBeTruthy();
      expect(isErrorCode(code)).toBe(true);
    }
    expect(isErrorCode('toString')).toBe(false);
  });

  it('never retries what cannot succeed, and waits for what says nothing of the page', () => {
    expect(isLastAttempt('ROBOTS_DISALLOWED', 1)).toBe(true);
    expect(isLastAttempt('HOST_BUSY', 10_000)).toBe(false);
    expect([1, 2, 3].map((attempt) => isLastAttempt('CONNECT_FAILED', attempt))).toEqual([false, false, true]);
  });

  it('reports a fault without its cause', () => {
    const fault = new Fault('DNS_FAILED', { detail: 'example.com is unknown', cause: new Error('10.0.0.1') });
    expect(fault.report()).toEqual({ code: 'DNS_FAILED', detail: 'example.com is unknown', retryable: true });
  });
});
