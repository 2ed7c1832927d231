/** The published client of Gleaner: REST for Node 20 or newer and browsers, without dependencies. */
export { type CallOptions, type Client, type ClientOptions, type StartOptions, type WatchOptions, createClient } from './client.js';
export type { Document, Evidence, PageType, StageTimings } from './document.js';
export { type FieldError, GleanerError, GleanerUnreachable } from './errors.js';
export { type EventType, type JobEvent, type Stage, isFinalEvent } from './event.js';
export {
  type ExtractInput,
  type Failure,
  type Job,
  type JobCounts,
  type JobFilter,
  type JobKind,
  type JobProgress,
  type JobRequest,
  type JobState,
  type JobUsage,
  type LearnInput,
  type RenderMode,
  isFinalState,
} from './job.js';
export type { Readiness, ReadyCheck } from './ready.js';
export type { SelectorRule, Site, SiteSummary, TemplateSummary, TemplateVersion } from './site.js';
