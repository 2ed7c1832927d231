/** Many pages at once, failures told apart: node batch.mjs API_URL KEY PAGE_URL… */
import { GleanerError, createClient } from '@gleaner/sdk';

const [url, key, ...pages] = process.argv.slice(2);
const gleaner = createClient({ url, key });

async function extract(page) {
  try {
    const job = await gleaner.startJob({ kind: 'extract', input: { url: page } }, { idempotencyKey: `example:${page}` });
    const finished = await gleaner.wait(job.id, { signal: AbortSignal.timeout(60_000) });
    if (finished.state !== 'completed')
      return { page, state: finished.state, code: finished.error?.code, retryable: finished.error?.retryable };
    return { page, state: finished.state, title: (await gleaner.result(job.id)).title };
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    return { page, state: 'refused', code: error.code, retryable: error.retryable, errors: error.errors.map(({ path }) => path) };
  }
}

for (const result of await Promise.all(pages.map(extract))) console.log(JSON.stringify(result));
