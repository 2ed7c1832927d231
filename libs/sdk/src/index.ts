/** The published client of Gleaner: REST for Node 20 or newer and browsers, without dependencies. */
export type {
  ApiKey,
  IssuedKey,
  KeyDraft,
  Keys,
  OwnerLimits,
  Pool,
  Scope,
  System,
  Usage,
  User,
  UserChange,
  UserDraft,
  Users,
} from './admin.js';
export type { CallOptions } from './call.js';
export { createClient } from './client.js';
export type { Client, ClientOptions, CrawlOptions, RetryOptions, StartOptions, VersionName, WatchOptions } from './client-types.js';
export type { CrawlChange, CrawlInput, CrawlResult, ExportFormat, LedgerFilter, LedgerPage, LedgerState, RetryFrom } from './crawl.js';
export type { Document, DocumentPart, DocumentSnapshot, Evidence, FieldReport, PageType, StageTimings } from './document.js';
export { type FieldError, GleanerError, GleanerUnreachable, type ReachedLimit } from './errors.js';
export type { ExportedDocument } from './export.js';
export { type EventType, type JobEvent, type Stage, isFinalEvent } from './event.js';
export {
  type ExtractInput,
  type Failure,
  type FieldWish,
  type FieldsAsked,
  type Job,
  type JobChange,
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
export type { Page } from './list.js';
export type { LiveMessage } from './live.js';
export type { Readiness, ReadyCheck } from './ready.js';
export type { SelectorRule, Site, SiteSummary, TemplateSummary, TemplateVersion } from './site.js';
