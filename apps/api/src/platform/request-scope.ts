import { AsyncLocalStorage } from 'node:async_hooks';
import { annotateSpan } from '@gleaner/telemetry';

/** What is found out about a request while it is served. */
export interface RequestScope {
  jobId?: string;
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** Serves the request so that whatever is called meanwhile can say what it is about. */
export function runInScope(scope: RequestScope, serve: () => void): void {
  scopes.run(scope, serve);
}

/** Says which job the current request is about: its log line and its span carry the id. */
export function requestIsAbout(jobId: string): void {
  const scope = scopes.getStore();
  if (scope !== undefined) scope.jobId = jobId;
  annotateSpan({ 'gleaner.job.id': jobId });
}
