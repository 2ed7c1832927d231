/**
 * `npm run bench -- crawl`: the durable crawl of a generated site against the same stage functions in a bare loop, against Crawlee, and against one page
 * at a time; what the system answers meanwhile; and how cost grows with the site. Every ratio is of two things measured in this run.
 */
import { parseArgs } from 'node:util';
import { createClient } from '@gleaner/sdk';
import { bareLoop, crawlee } from './crawl/contenders.mjs';
import { crawlDurably } from './crawl/durable.mjs';
import { historyOf } from './crawl/histories.mjs';
import { startSite } from './crawl/site-process.mjs';
import { quantile } from './measure.mjs';
import { startSystem } from './start-system.mjs';

const HELP = `Usage: npm run bench -- crawl [options]
  --pages N      content pages of the generated site (500); its index pages come on top
  --bytes N      average size of a page (60000)
  --parts LIST   of compare,latency,load,slow,growth (compare,latency,load); slow is 250 pages with 2 s each
  --sizes LIST   pages of the growth part (500,2000,10000)
  --runs N       repetitions of the comparison; the best of each is compared (2)
  --no-crawlee   leaves Crawlee out (else it is installed into the user's cache)`;

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '500' },
    bytes: { type: 'string', default: '60000' },
    parts: { type: 'string', default: 'compare,latency,load' },
    sizes: { type: 'string', default: '500,2000,10000' },
    runs: { type: 'string', default: '2' },
    'no-crawlee': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [pages, bytes, runs] = [Number(values.pages), Number(values.bytes), Number(values.runs)];
const parts = values.parts.split(',');

/** A system and a site for one part, and a second site of the same kind; all end with it. */
async function withSystem(siteOptions, work) {
  const [site, other] = [await startSite({ bytes, ...siteOptions }), await startSite({ bytes, ...siteOptions, seed: 2 })];
  const system = await startSystem(`${site.address},${other.address}`);
  const limit = siteOptions.pages * 2 + 100;
  try {
    const client = createClient({ url: system.ready.url, key: system.key });
    return await work({ site, system, client, url: `${site.url}/`, otherUrl: `${other.url}/`, allow: site.address, limit });
  } finally {
    await system.stop();
    await site.stop();
    await other.stop();
  }
}

const line = (name, { pages: count, pagesPerSecond, cpuMs }) =>
  console.log(
    `  ${name.padEnd(44)} ${pagesPerSecond.toFixed(1).padStart(7)} pages/s  ${cpuMs.toFixed(1).padStart(6)} CPU ms/page  ${count} pages`,
  );
const ratio = (name, value, aim) =>
  console.log(`  ${name.padEnd(44)} ${value.toFixed(2).padStart(7)}${aim === undefined ? '' : `   (aim ${aim})`}`);
const best = (results) => results.toSorted((a, b) => b.pagesPerSecond - a.pagesPerSecond)[0];
const fieldsOf = (amounts, unit) =>
  Object.entries(amounts)
    .map(([name, value]) => `${name} ${Math.round(value)}`)
    .join(', ') + ` ${unit}`;

async function compare() {
  console.log(`\nCompare: ${pages} pages of about ${Math.round(bytes / 1000)} kB, best of ${runs}`);
  const found = { durable: [], warm: [], bare: [], crawlee: [] };
  for (let run = 0; run < runs; run++) {
    // On a system of its own: nothing is known of the site, and nothing is warm. Then another site, as a system that runs all day meets it.
    await withSystem({ pages }, async (context) => {
      found.durable.push(await crawlDurably(context));
      found.warm.push(await crawlDurably({ ...context, url: context.otherUrl }));
    });
    await withSystem({ pages }, async (context) => found.bare.push(await bareLoop(context)));
    if (values['no-crawlee']) continue;
    const site = await startSite({ pages, bytes });
    const result = await crawlee({ url: `${site.url}/`, limit: pages * 2 });
    await site.stop();
    if (result !== null) found.crawlee.push(result);
  }
  const [durable, warm, bare, other] = [best(found.durable), best(found.warm), best(found.bare), best(found.crawlee)];
  line('durable crawl (all processes)', durable);
  line('durable crawl of a second site, system warm', warm);
  line('bare loop, same functions, one thread', bare);
  if (other !== undefined) line('Crawlee CheerioCrawler, same extraction', other);
  ratio('durable / bare loop', durable.pagesPerSecond / bare.pagesPerSecond, '1.0');
  if (other !== undefined) {
    ratio('durable / Crawlee', durable.pagesPerSecond / other.pagesPerSecond, '2');
    ratio('durable, warm / Crawlee', warm.pagesPerSecond / other.pagesPerSecond);
  }
  console.log(`  CPU by process: ${fieldsOf(durable.used, 'ms')}`);
  console.log(`  memory at most: ${fieldsOf(durable.memoryMb, 'MB')}${other === undefined ? '' : `; Crawlee ${other.memoryMb} MB`}`);
}

async function latency() {
  const latencyMs = 200;
  console.log(`\nLatency: the same site, ${latencyMs} ms before every answer`);
  const durable = await withSystem({ pages, latencyMs }, crawlDurably);
  const few = Math.min(pages, 60);
  const single = await withSystem({ pages: few, latencyMs }, (context) => bareLoop({ ...context, batchSize: 1 }));
  line('durable crawl', durable);
  line(`one page at a time (${few} pages)`, single);
  ratio('durable / one at a time', durable.pagesPerSecond / single.pagesPerSecond, '20');
}

async function slow() {
  console.log('\nSlow: 250 pages, 2 s each; the predecessor took 2.8 minutes');
  const durable = await withSystem({ pages: 240, latencyMs: 2_000 }, crawlDurably);
  line('durable crawl', durable);
  ratio('minutes', durable.seconds / 60, 'below 2.8');
}

async function load() {
  console.log('\nLoad: what a caller waits for while a crawl writes at full speed, in ms');
  await withSystem({ pages: pages * 2 }, async (context) => {
    const { client, url } = context;
    const times = { idle: { read: [], extract: [] }, crawling: { read: [], extract: [] } };
    const timed = async (list, work) => {
      const startedAt = performance.now();
      await work();
      list.push(performance.now() - startedAt);
    };
    const extract = (fresh) => client.startJob({ kind: 'extract', input: { url, render: 'never', fresh } }, { waitSeconds: 60 });
    const known = await extract(false);
    const sample = async (kind, job) => {
      for (let n = 0; n < 5; n++) await timed(times[kind].read, () => client.job(job.id));
      await timed(times[kind].extract, () => extract(true));
    };
    for (let n = 0; n < 15; n++) await sample('idle', known);
    await crawlDurably({ ...context, meanwhile: async (job) => sample('crawling', job) });
    for (const kind of ['read', 'extract'])
      for (const state of ['idle', 'crawling']) {
        const sorted = times[state][kind].toSorted((a, b) => a - b);
        const name = `${kind === 'read' ? 'GET /jobs/:id' : 'extract of one page'}, ${state}`;
        console.log(
          `  ${name.padEnd(44)} p50 ${quantile(sorted, 0.5).toFixed(1).padStart(7)}  p95 ${quantile(sorted, 0.95).toFixed(1).padStart(7)}  (${sorted.length})`,
        );
      }
  });
}

async function growth() {
  console.log('\nGrowth: time and memory by size of the site');
  const rows = [];
  for (const size of values.sizes.split(',').map(Number)) {
    const row = await withSystem({ pages: size }, async (context) => {
      const durable = await crawlDurably(context);
      const served = await context.site.served();
      return { size, durable, served, history: await historyOf(context.system.ready.temporal, durable.job) };
    });
    rows.push(row);
    const { durable, history } = row;
    console.log(
      `  ${String(size).padStart(6)}  ${((durable.seconds / durable.pages) * 1_000).toFixed(2)} ms/page  ${durable.cpuMs.toFixed(1)} CPU ms/page  ${(history.events / durable.pages).toFixed(2)} history events/page in ${history.workflows} workflows, largest payload ${history.largestPayloadBytes} B; stored ${durable.pages}`,
    );
    console.log(`          memory at most: ${fieldsOf(durable.memoryMb, 'MB')}`);
  }
  const [first, last] = [rows[0], rows.at(-1)];
  const perPage = ({ durable }) => durable.seconds / durable.pages;
  ratio(`time per page, ${last.size} against ${first.size}`, perPage(last) / perPage(first), '1.15 at most');
}

if (values.help) console.log(HELP);
else {
  const all = { compare, latency, load, slow, growth };
  for (const part of parts) await all[part]();
}
process.exit();
