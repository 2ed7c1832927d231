/** The trace, as far as code that must not load OpenTelemetry touches it. Without tracing there is none, and nothing costs. */
export interface TraceBridge {
  ids(): TraceIds | undefined;
  annotate(attributes: SpanAttributes, name: string | undefined): void;
  untraced<T>(work: () => T): T;
}

export interface TraceIds {
  readonly traceId: string;
  readonly spanId: string;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

let bridge: TraceBridge | undefined;

/** Called once, when tracing starts. */
export function installTraceBridge(installed: TraceBridge): void {
  bridge = installed;
}

/** The ids of the span that is active here. */
export function traceIds(): TraceIds | undefined {
  return bridge?.ids();
}

/** Adds to the span that is active here, and renames it when a name is given. */
export function annotateSpan(attributes: SpanAttributes, name?: string): void {
  bridge?.annotate(attributes, name);
}

/** Runs work that belongs to no request, so that a loop does not write itself into the trace of whoever started it. */
export function untraced<T>(work: () => T): T {
  return bridge === undefined ? work() : bridge.untraced(work);
}
