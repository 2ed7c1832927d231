import { type Context, type TextMapPropagator, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/**
 * W3C trace context between our own processes (HTTP in, headers of workflows), and never on requests for pages or models:
 * a site that is read has no business with our trace ids.
 */
export function privatePropagator(): TextMapPropagator {
  const standard = new W3CTraceContextPropagator();
  return {
    inject: (context, carrier, setter) => {
      if (!isOutgoingRequest(context)) standard.inject(context, carrier, setter);
    },
    extract: (context, carrier, getter) => standard.extract(context, carrier, getter),
    fields: () => standard.fields(),
  };
}

function isOutgoingRequest(context: Context): boolean {
  const span = trace.getSpan(context) as { readonly instrumentationScope?: { readonly name: string } } | undefined;
  return span?.instrumentationScope?.name === '@opentelemetry/instrumentation-undici';
}
