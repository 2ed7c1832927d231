/** One page, followed live: node extract.mjs API_URL KEY PAGE_URL */
import { createClient } from '@gleaner/sdk';

const [url, key, page] = process.argv.slice(2);
const gleaner = createClient({ url, key });

const job = await gleaner.startJob({ kind: 'extract', input: { url: page }, labels: ['example'] });
for await (const event of gleaner.watch(job.id)) console.error(event.seq, event.type, event.stage ?? '', event.message ?? '');

const document = await gleaner.result(job.id);
console.log(
  JSON.stringify({ title: document.title, author: document.author, words: document.wordCount, method: document.extraction.method }),
);
