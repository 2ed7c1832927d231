/** How spans leave the process; where to is read by OpenTelemetry itself (`OTEL_EXPORTER_OTLP_…`). */
export interface TracingSettings {
  readonly encoding: 'protobuf' | 'json';
  /** `OTEL_EXPORTER_OTLP_PROTOCOL` when it names one that is not spoken here. */
  readonly unknownProtocol?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Null when tracing is off: no OTLP address is set, or `OTEL_SDK_DISABLED=true`, or `OTEL_TRACES_EXPORTER` is not `otlp`. */
export function readTracing(environment: Environment): TracingSettings | null {
  const valueOf = (name: string): string => environment[name]?.trim() ?? '';
  const hasAddress = valueOf('OTEL_EXPORTER_OTLP_ENDPOINT') !== '' || valueOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') !== '';
  const exporters = valueOf('OTEL_TRACES_EXPORTER') || 'otlp';
  if (!hasAddress || valueOf('OTEL_SDK_DISABLED').toLowerCase() === 'true' || !exporters.split(',').includes('otlp')) return null;
  const protocol = valueOf('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') || valueOf('OTEL_EXPORTER_OTLP_PROTOCOL') || 'http/protobuf';
  if (protocol === 'http/json') return { encoding: 'json' };
  return { encoding: 'protobuf', ...(protocol === 'http/protobuf' ? {} : { unknownProtocol: protocol }) };
}
