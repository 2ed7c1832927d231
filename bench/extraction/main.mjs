// Quality and speed of the extractor on the article extraction benchmark, beside Readability in the same run.
// node bench/extraction/main.mjs --data DIR [--salt TEXT]    DIR holds html/*.html.gz and truth.json.gz
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Readability } from '@mozilla/readability';
import { extractGeneral, parsePage, toText } from '@gleaner/extraction';
import { parseHTML } from 'linkedom';
import { percentile, scorePage, summarize } from './metric.mjs';
import { renameNames } from './rename.mjs';

const { values } = parseArgs({ options: { data: { type: 'string' }, salt: { type: 'string', default: 'a' } } });
if (values.data === undefined) {
  console.error('Name the folder of the benchmark: node bench/extraction/main.mjs --data DIR');
  process.exit(2);
}

const read = (path) => gunzipSync(readFileSync(join(values.data, path))).toString('utf8');
const truth = Object.entries(JSON.parse(read('truth.json.gz')));

const systems = {
  gleaner: (html, url) => extractGeneral(parsePage(html, url)).text,
  'readability + linkedom': (html, url) => {
    const article = new Readability(parseHTML(html).document).parse();
    const content = parsePage(`<body>${article?.content ?? ''}</body>`, url);
    return content.body === null ? '' : toText([content.body]);
  },
};

const pages = truth.map(([id, { url, text }]) => ({ url, text, html: read(`html/${id}.html.gz`) }));
for (const run of Object.values(systems)) for (const page of pages.slice(0, 30)) run(page.html, page.url); // warm

const figure = (value) => Number(value.toFixed(3));
const rows = [];
for (const [variant, change] of [
  ['plain', (html) => html],
  ['renamed', (html) => renameNames(html, values.salt)],
]) {
  for (const [system, run] of Object.entries(systems)) {
    const cpuMs = [];
    const scores = pages.map((page) => {
      const html = change(page.html);
      const before = process.cpuUsage();
      const answer = run(html, page.url);
      const used = process.cpuUsage(before);
      cpuMs.push((used.user + used.system) / 1_000);
      return scorePage(page.text, answer);
    });
    const { f1, precision, recall, exact, empty } = summarize(scores);
    rows.push({
      pages: variant,
      system,
      f1: figure(f1),
      precision: figure(precision),
      recall: figure(recall),
      exact: figure(exact),
      empty,
      'cpu ms p50': Number(percentile(cpuMs, 0.5).toFixed(1)),
      'cpu ms p95': Number(percentile(cpuMs, 0.95).toFixed(1)),
    });
  }
}
console.table(rows);
