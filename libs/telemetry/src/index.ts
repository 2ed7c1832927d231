export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export { type SpanAttributes, annotateSpan, untraced } from './trace-bridge.js';
export { type TracingSettings, readTracing } from './tracing-settings.js';
