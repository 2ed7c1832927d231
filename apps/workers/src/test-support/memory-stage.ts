/** What an extracting activity needs besides its work: blobs, a log by the rule that a key counts once, and a page. */
import { createHash } from 'node:crypto';
import type { PageTemplates, TemplateState, BlobStore, JobLog, JobUsage, Snapshot } from '@gleaner/domain';

export function memoryBlobs(): BlobStore {
  const kept = new Map<string, Uint8Array>();
  return {
    async put(bytes) {
      const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      kept.set(hash, bytes);
      return { hash, bytes: bytes.length };
    },
    get: async (hash) => kept.get(hash) ?? new Uint8Array(),
    has: async (hash) => kept.has(hash),
    check: async () => {},
  };
}

export interface MemoryLog {
  readonly jobLog: JobLog;
  readonly usage: ReadonlyMap<string, Partial<JobUsage>>;
  readonly messages: readonly string[];
}

export function memoryLog(): MemoryLog {
  const usage = new Map<string, Partial<JobUsage>>();
  const messages: string[] = [];
  const jobLog: Partial<JobLog> = {
    append: async (_job, key, event, _counts, used) => {
      if (usage.has(key)) return;
      usage.set(key, used ?? {});
      messages.push(event.message ?? '');
    },
  };
  return { jobLog: jobLog as JobLog, usage, messages };
}

export async function storedPage(blobs: BlobStore, url: string, html: string): Promise<Snapshot> {
  const body = await blobs.put(Buffer.from(html));
  return {
    body,
    url,
    finalUrl: url,
    status: 200,
    contentType: 'text/html',
    charset: 'utf-8',
    method: 'http',
    fetchedAt: '2026-10-01T12:00:00Z',
    redirects: [],
  };
}

/** Every address shape has one template, whatever its pages are built of. */
export function oneTemplate(stateOf: () => TemplateState): PageTemplates {
  const unused = (): never => {
    throw new Error('is not asked here');
  };
  return {
    ofShapes: async (shapes) => new Map(shapes.map((shape) => [shape.templateId, [{ ...shape, structure: null, state: stateOf() }]])),
    remember: async () => ({ moves: [], ended: [] }),
    claim: async () => ({ structure: null, design: null }),
    add: unused,
    join: unused,
  };
}
