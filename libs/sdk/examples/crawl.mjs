/** A site: what was found, what failed, every document: node crawl.mjs API_URL KEY START_URL [LIMIT] */
import { createClient } from '@gleaner/sdk';

const [url, key, start, limit = '50'] = process.argv.slice(2);
const gleaner = createClient({ url, key });

const job = await gleaner.crawl({ url: start, limit: Number(limit) }, { labels: ['example'] });
for await (const message of gleaner.live(job.id)) {
  if (message.kind !== 'snapshot') continue;
  const { progress, state } = message.job;
  console.error(`${state} ${progress.done} of ${progress.total}, ${progress.rate} pages a second`);
}

for await (const page of gleaner.pages(job.id, { state: 'failed' })) console.error('failed', page.url, page.reason, page.detail);
for await (const document of gleaner.documents(job.id)) {
  console.log(JSON.stringify({ page: document.pageUrl, title: document.title, words: document.wordCount }));
}
