/** CheerioCrawler on a site, with our extraction in its handler and its dataset as the store. Arguments: folder it is installed in, URL, limit. */
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { analyzeText, chunkMarkdown, extractPage, parsePage } from '@gleaner/extraction';

const [folder, url, limit] = process.argv.slice(2);
const storage = await mkdtemp(join(tmpdir(), 'gleaner-crawlee-'));
process.chdir(storage);
const entry = createRequire(join(folder, 'package.json')).resolve('@crawlee/cheerio');
const { CheerioCrawler, Configuration, log } = await import(pathToFileURL(entry).href).then((module) => module.default ?? module);
log.setLevel(log.LEVELS.ERROR);
let pages = 0;
const crawler = new CheerioCrawler(
  {
    maxRequestsPerCrawl: Number(limit),
    maxConcurrency: 32,
    minConcurrency: 16,
    respectRobotsTxtFile: true,
    async requestHandler({ request, body, enqueueLinks, pushData }) {
      const { page } = extractPage(parsePage(String(body), request.loadedUrl), null);
      const analysis = analyzeText(page.text, page.language);
      await pushData({ url: request.url, ...page, analysis, chunks: chunkMarkdown(page.markdown, { maxTokens: 256 }) });
      pages++;
      await enqueueLinks();
    },
  },
  new Configuration({ persistStorage: true }),
);
const startedAt = performance.now();
const before = process.cpuUsage();
await crawler.run([url]);
const seconds = (performance.now() - startedAt) / 1_000;
const used = process.cpuUsage(before);
const memoryMb = Math.round(process.memoryUsage().rss / 1_048_576);
console.log(
  JSON.stringify({ pages, seconds, pagesPerSecond: pages / seconds, cpuMs: (used.user + used.system) / 1_000 / pages, memoryMb }),
);
await rm(storage, { recursive: true, force: true });
process.exit();
