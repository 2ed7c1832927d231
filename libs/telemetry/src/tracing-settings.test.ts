import { describe, expect, it } from 'vitest';
import { readTracing } from './tracing-settings.js';

const ADDRESS = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('readTracing', () => {
  it('is off until an address is set', () => {
    expect(readTracing({})).toBeNull();
    expect(readTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_SERVICE_NAME: 'x' })).toBeNull();
  });

  it('is on with either address, in the encoding that OpenTelemetry takes by default', () => {
    expect(readTracing(ADDRESS)).toEqual({ encoding: 'protobuf' });
    expect(readTracing({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' })).toEqual({ encoding: 'protobuf' });
  });

  it('takes the protocol of traces before the general one, and names one that it does not speak', () => {
    expect(readTracing({ ...ADDRESS, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })).toEqual({ encoding: 'json' });
    expect(readTracing({ ...ADDRESS, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' })).toEqual({
      encoding: 'protobuf',
    });
    expect(readTracing({ ...ADDRESS, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual({ encoding: 'protobuf', unknownProtocol: 'grpc' });
  });

  it.each([{ OTEL_SDK_DISABLED: 'TRUE' }, { OTEL_TRACES_EXPORTER: 'none' }, { OTEL_TRACES_EXPORTER: 'zipkin' }])(
    'is off with %o',
    (off) => {
      expect(readTracing({ ...ADDRESS, ...off })).toBeNull();
    },
  );
});
