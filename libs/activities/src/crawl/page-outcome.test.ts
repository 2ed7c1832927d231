import { Fault, type LeasedPage } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { faultedPage, fetchedPage } from './page-outcome.js';

const page: LeasedPage = {
  key: 'k',
  url: 'https://example.com/',
  depth: 1,
  attempts: 1,
  state: 'leased',
  needsBrowser: false,
  snapshot: null,
  lastModified: null,
  fetchMs: 0,
};

describe('what fetching gave a page', () => {
  it('is final where a try later changes nothing: skipped for what is not collected, failed for what broke', () => {
    const refused = (reason: 'robots' | 'http_404', code: 'ROBOTS_DISALLOWED' | 'HTTP_404') =>
      fetchedPage(page, { kind: 'refused', reason, code, detail: 'no', durationMs: 5 }, null);
    expect(refused('robots', 'ROBOTS_DISALLOWED')).toMatchObject({ kind: 'ended', end: { state: 'skipped', reason: 'robots' } });
    expect(refused('http_404', 'HTTP_404')).toMatchObject({
      kind: 'ended',
      end: { state: 'failed', reason: 'http_404', code: 'HTTP_404' },
    });
  });

  it('is put off, longer each time and as long as the host asks, until its last attempt', () => {
    const fault = (retryAfterMs?: number): Fault =>
      new Fault('HTTP_SERVER_ERROR', { detail: 'x', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    expect(faultedPage(page, fault())).toMatchObject({ kind: 'again', afterMs: 1_000 });
    expect(faultedPage({ ...page, attempts: 3 }, fault())).toMatchObject({ kind: 'again', afterMs: 4_000 });
    expect(faultedPage(page, fault(30_000))).toMatchObject({ kind: 'again', afterMs: 30_000 });
    expect(faultedPage({ ...page, attempts: 4 }, fault())).toMatchObject({
      kind: 'ended',
      end: { state: 'failed', reason: 'http_error', code: 'HTTP_SERVER_ERROR' },
    });
  });

  it('concerns the whole batch when it is no fault of the page', () => {
    for (const error of [new Fault('STORAGE_UNAVAILABLE', { detail: 'x' }), new Fault('HOST_BUSY', { detail: 'x' }), new TypeError('bug')])
      expect(() => faultedPage(page, error)).toThrow(error.message);
  });
});
