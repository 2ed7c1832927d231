import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { withoutQueries } from './redact.js';

/** Attributes that are left out: they repeat what may be secret in a request. */
const LEFT_OUT = ['url.query', 'user_agent.original'];
const MAX_CHARACTERS = 2_000;

/** Passes spans on without query strings, passwords and keys, whichever library wrote them. */
export function scrubbing(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => {
      for (const span of spans) scrub(span);
      exporter.export(spans, done);
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

/** In place: a span that has ended is read by its exporter and by nobody else. */
function scrub(span: ReadableSpan): void {
  scrubAttributes(span.attributes);
  for (const { attributes } of span.events) if (attributes !== undefined) scrubAttributes(attributes);
  if (span.status.message !== undefined) span.status.message = clean(span.status.message);
}

function scrubAttributes(attributes: Attributes): void {
  for (const name of LEFT_OUT) delete attributes[name];
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') attributes[name] = clean(value);
    // Spans of workflows come with all that is known of the workflow, its memo included: that is no attribute.
    else if (typeof value === 'object') delete attributes[name];
  }
}

function clean(text: string): string {
  return withoutQueries(text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) : text);
}
