import { createHash } from 'node:crypto';
import { crawlSettings, urlKey } from '@gleaner/domain';
import type { JobRequest } from '@gleaner/domain/schema';

/** Same owner and same key while not final: the same job. What does not change the outcome (labels, priority) is left out. */
export function dedupeKeyOf({ kind, input }: JobRequest): string {
  const { url, ...rest } = input;
  return `${kind}:${digest({ ...defaultsOf(kind), ...rest, url: urlKey(new URL(url)) })}`;
}

function defaultsOf(kind: JobRequest['kind']): object {
  if (kind === 'crawl') return crawlSettings({ url: '' });
  return { render: 'auto', fresh: false, ...(kind === 'extract' ? { embed: true } : {}) };
}

/** Hash of a request for its Idempotency-Key: the order of fields does not matter. */
export function bodyHashOf(request: JobRequest): string {
  return digest(request);
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** JSON with sorted names and without undefined. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`).join(',')}}`;
}
