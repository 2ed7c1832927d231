/**
 * OpenTelemetry, loaded only when an OTLP address is set, and before anything that it watches: libraries are patched when
 * they are first required, so `main.ts` imports the rest of the process after this.
 */
import { createRequire } from 'node:module';
import { DiagLogLevel, ROOT_CONTEXT, context, diag, isSpanContextValid, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry-v2';
import type { Logger } from './logger.js';
import { privatePropagator } from './private-propagator.js';
import { scrubbing } from './scrubbing-exporter.js';
import { installTraceBridge } from './trace-bridge.js';
import type { TracingSettings } from './tracing-settings.js';

/** A collector that is away must not hold up the end of a process. */
const SHUTDOWN_MS = 2_000;
/** What is said again within this time is said once. */
const QUIET_MS = 60_000;
const MAX_ATTRIBUTE_CHARACTERS = 2_000;
/** Asked all the time by machines: spans of them would bury the others. */
const UNTRACED_PATHS = /^\/(?:health|metrics)(?:[/?]|$)/;

/** Modules that the bundle of workflows needs so that its spans are part of the trace. */
export const WORKFLOW_INTERCEPTORS: readonly string[] = [
  createRequire(import.meta.url).resolve('@temporalio/interceptors-opentelemetry-v2/lib/workflow-interceptors'),
];

export interface TracingOptions {
  /** `service.name`, unless `OTEL_SERVICE_NAME` says another. */
  readonly serviceName: string;
  readonly settings: TracingSettings;
  readonly log: Pick<Logger, 'warn'>;
}

export interface Tracing {
  /** For the Temporal client, for workers, and for the replay of histories. */
  readonly plugins: readonly OpenTelemetryPlugin[];
  /** Sends what is left; ends after 2 s at the latest and never rejects. */
  shutdown(): Promise<void>;
}

/** Starts tracing in this process. Never throws for a collector that is away: one warning a minute is all that it costs. */
export function startTracing({ serviceName, settings, log }: TracingOptions): Tracing {
  sayProblems(log);
  if (settings.unknownProtocol !== undefined)
    log.warn({ protocol: settings.unknownProtocol }, 'this OTLP protocol is not spoken: sending http/protobuf');
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.namespace': 'gleaner', 'process.pid': process.pid }))
    .merge(detectResources({ detectors: [envDetector] }));
  const exporter = settings.encoding === 'json' ? new JsonExporter() : new ProtobufExporter();
  const spanProcessor = new BatchSpanProcessor(scrubbing(exporter));
  const spanLimits = { attributeValueLengthLimit: MAX_ATTRIBUTE_CHARACTERS };
  const provider = new NodeTracerProvider({ resource, spanProcessors: [spanProcessor], spanLimits });
  provider.register({ propagator: privatePropagator() });
  registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      new HttpInstrumentation({
        disableOutgoingRequestInstrumentation: true,
        ignoreIncomingRequestHook: ({ url }) => UNTRACED_PATHS.test(url ?? ''),
      }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
    ],
  });
  bridgeSpans();
  return { plugins: [new OpenTelemetryPlugin({ resource, spanProcessor })], shutdown: () => inTime(provider.shutdown()) };
}

function bridgeSpans(): void {
  installTraceBridge({
    ids() {
      const ids = trace.getActiveSpan()?.spanContext();
      return ids !== undefined && isSpanContextValid(ids) ? { traceId: ids.traceId, spanId: ids.spanId } : undefined;
    },
    annotate(attributes, name) {
      const span = trace.getActiveSpan();
      for (const [key, value] of Object.entries(attributes)) if (value !== undefined) span?.setAttribute(key, value);
      if (name !== undefined) span?.updateName(name);
    },
    untraced: (work) => context.with(suppressTracing(ROOT_CONTEXT), work),
  });
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, SHUTDOWN_MS)));
  await Promise.race([work.catch(() => undefined), late]); // what could not be sent was said while it was tried
  clearTimeout(timer);
}

/** OpenTelemetry tells of its own problems at every try. */
function sayProblems(log: Pick<Logger, 'warn'>): void {
  let saidAt = Number.NEGATIVE_INFINITY;
  const say = (message: string): void => {
    if (performance.now() - saidAt < QUIET_MS) return;
    saidAt = performance.now();
    log.warn({ problem: message.slice(0, 500) }, 'spans cannot be sent');
  };
  const nothing = (): void => undefined;
  diag.setLogger({ error: say, warn: say, info: nothing, debug: nothing, verbose: nothing }, DiagLogLevel.WARN);
}
