import { type DocumentRecord, type DocumentWriter, type EmbeddedChunk, Fault, isFinal } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { insertDocuments } from './document-batch.js';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { addEvent, lockJob } from './job-ledger.js';
import { firstRow } from './statement.js';
import { inTransaction } from './transaction.js';

/**
 * Throws Fault NOT_FOUND for an unknown job, and CONFLICT when the job ended before this page was stored: nothing new
 * appears after the final event.
 */
export function createDocumentWriter(database: Database): DocumentWriter {
  return { store: (document, chunks) => inTransaction(database, (manager) => store(manager, document, chunks)) };
}

async function store(
  manager: EntityManager,
  document: Omit<DocumentRecord, 'id'>,
  chunks: readonly EmbeddedChunk[],
): Promise<{ readonly documentId: string }> {
  const { jobId } = document;
  const urlHash = digest(document.urlKey);
  const job = await lockJob(manager, jobId);
  const earlier = await firstRow<{ id: string }>(manager, 'select id from documents where job_id = $1 and url_hash = $2', [jobId, urlHash]);
  if (earlier !== null) return { documentId: earlier.id };
  if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job ${jobId} ended before this page was stored.` });

  const [documentId = ''] = await insertDocuments(manager, [{ document, chunks }]);
  await addEvent(manager, job, `page:stored:${urlHash}`, { type: 'page.stored', stage: 'store', url: document.url }, { stored: 1 });
  return { documentId };
}
