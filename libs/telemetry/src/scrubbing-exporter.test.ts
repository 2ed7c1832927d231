import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { scrubbing } from './scrubbing-exporter.js';

const spanWith = (attributes: Readonly<Record<string, unknown>>): ReadableSpan =>
  ({
    attributes: { ...attributes },
    events: [{ name: 'exception', time: [0, 0], attributes: { 'exception.message': 'GET http://u:p@a.test/x?token=t0psecret failed' } }],
    status: { code: 2, message: 'no answer from http://a.test/x?q=t0psecret' },
  }) as unknown as ReadableSpan;

function exported(attributes: Readonly<Record<string, unknown>>): ReadableSpan {
  const memory = new InMemorySpanExporter();
  scrubbing(memory).export([spanWith(attributes)], () => undefined);
  const [span] = memory.getFinishedSpans();
  if (span === undefined) throw new Error('nothing was exported');
  return span;
}

describe('scrubbing', () => {
  it('cuts URLs, and leaves out queries and what is no plain value', () => {
    const { attributes } = exported({
      'url.full': 'http://a.test/news/1?session=t0psecret#x',
      'url.query': '?session=t0psecret',
      'http.response.status_code': 200,
      memo: { url: 'http://a.test/?t0psecret' },
    });
    expect(attributes).toEqual({ 'url.full': 'http://a.test/news/1', 'http.response.status_code': 200 });
  });

  it('cleans exceptions and the status too', () => {
    const { events, status } = exported({});
    expect(JSON.stringify([events, status])).not.toContain('t0psecret');
    expect(status.message).toBe('no answer from http://a.test/x');
  });

  it('bounds what one value holds', () => {
    expect(String(exported({ 'db.query.text': 'x'.repeat(10_000) }).attributes['db.query.text']).length).toBe(2_000);
  });
});
