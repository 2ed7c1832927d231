import { createServer } from 'node:http';
import { once } from 'node:events';
import { context, propagation, trace } from '@opentelemetry/api';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { annotateSpan, traceIds, untraced } from './trace-bridge.js';
import { startTracing } from './tracing.js';

const warnings: string[] = [];
// A port that nobody listens on: it was taken and given back.
const probe = createServer().listen(0, '127.0.0.1');
await once(probe, 'listening');
const bound = probe.address();
if (bound === null || typeof bound === 'string') throw new Error('no address');
await new Promise((resolve) => probe.close(resolve));
const settings: Readonly<Record<string, string>> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${bound.port}`,
  OTEL_EXPORTER_OTLP_TIMEOUT: '300',
  OTEL_BSP_SCHEDULE_DELAY: '50',
};
Object.assign(process.env, settings);
const log = { warn: (_: unknown, message: string) => void warnings.push(message) };
const tracing = startTracing({ serviceName: 'probe', settings: { encoding: 'protobuf' }, log: log as never });

const inSpan = <T>(scope: string, work: () => T): T =>
  trace.getTracer(scope).startActiveSpan('work', (span) => {
    try {
      return work();
    } finally {
      span.end();
    }
  });

afterAll(() => {
  for (const name of Object.keys(settings)) delete process.env[name];
});

describe('tracing', () => {
  it('tells the ids of the active span, and none outside of one', () => {
    expect(traceIds()).toBeUndefined();
    const ids = inSpan('probe', () => {
      annotateSpan({ 'gleaner.job.id': 'job_1' }, 'named');
      return traceIds();
    });
    expect(ids).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), spanId: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(inSpan('probe', () => untraced(() => traceIds()))).toBeUndefined();
  });

  it('passes its context on between our processes, and never to the sites that are read', () => {
    const carried = (scope: string): object =>
      inSpan(scope, () => {
        const carrier = {};
        propagation.inject(context.active(), carrier);
        return carrier;
      });
    expect(carried('probe')).toHaveProperty('traceparent');
    expect(carried('@opentelemetry/instrumentation-undici')).toEqual({});
  });

  it('says that the collector is away', async () => {
    inSpan('probe', () => undefined);
    await vi.waitFor(() => expect(warnings).toEqual(['spans cannot be sent']), { timeout: 10_000 });
  });

  it('ends in time, without an error and without saying it again, when the collector is away', async () => {
    inSpan('probe', () => undefined);
    const first = await Promise.race([
      tracing.shutdown().then(() => 'ended'),
      new Promise((resolve) => setTimeout(() => resolve('waited'), 10_000).unref()),
    ]);
    expect(first).toBe('ended');
    expect(warnings).toHaveLength(1);
  });
});
