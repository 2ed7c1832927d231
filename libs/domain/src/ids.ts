/** Prefixes of opaque ids; the rest is a ULID, so that ids sort by time of creation. */
export const ID_PREFIX = { job: 'job_', document: 'doc_', key: 'key_', user: 'usr_' } as const;

/** `extract/example.com/job_…`: readable in the Temporal Web UI, unique per job, the same at every retry of the start. */
export function jobWorkflowId(kind: string, url: string, jobId: string): string {
  return `${kind}/${hostOf(url)}/${jobId}`;
}

/** One learning per template at a time: who comes later joins it. */
export function learnWorkflowId(site: string, templateId: string): string {
  return `learn/${site}/${templateId}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'unknown';
}
