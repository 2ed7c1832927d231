// Quality and speed of the extractor on the article extraction benchmark, beside Readability and defuddle in the same run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { cpuMsOf, spread } from './cpu.mjs';
import { measureFastPath } from './fast-path.mjs';
import { checkMarkdown } from './markdown-cases.mjs';
import { scorePage, summarize } from './metric.mjs';
import { renameNames } from './rename.mjs';
import { EXTRACTORS, markdownOf } from './systems.mjs';

const HELP = `Usage: npm run bench:extraction -- --data DIR [options]

  --data DIR      folder of the article extraction benchmark: html/*.html.gz and truth.json.gz ({id: {url, text}})
  --only NAME     one of ${Object.keys(EXTRACTORS).join(', ')}; all by default
  --misses N      how many of the worst pages to name (10)
  --salt TEXT     what classes and ids are renamed with (a)
  --help          this text

Prints F1 over 4-token shingles (harmonic mean of mean precision and mean recall), plain and with every class and id renamed,
CPU per page, the fifteen Markdown cases, and what extraction by learned rules costs beside general extraction.
`;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    misses: { type: 'string', default: '10' },
    salt: { type: 'string', default: 'a' },
    help: { type: 'boolean', default: false },
  },
});

function stop(message, code) {
  (code === 0 ? process.stdout : process.stderr).write(message);
  process.exit(code);
}

if (values.help) stop(HELP, 0);
if (values.data === undefined) stop(`Name the folder of the benchmark with --data DIR.\n\n${HELP}`, 2);
if (!existsSync(join(values.data, 'truth.json.gz')))
  stop(`${values.data} holds no truth.json.gz: it is not the folder of the benchmark, or its files are still to be fetched.\n`, 2);
if (values.only !== undefined && !Object.hasOwn(EXTRACTORS, values.only)) stop(`--only knows ${Object.keys(EXTRACTORS).join(', ')}.\n`, 2);

const read = (path) => gunzipSync(readFileSync(join(values.data, path))).toString('utf8');
const pages = Object.entries(JSON.parse(read('truth.json.gz'))).map(([id, { url, text }]) => ({
  url,
  text,
  html: read(`html/${id}.html.gz`),
}));
const systems = Object.entries(EXTRACTORS).filter(([name]) => values.only === undefined || name === values.only);
const figure = (value) => Number(value.toFixed(3));
for (const [, run] of systems) for (const { html, url } of pages.slice(0, 20)) run(html, url); // warm

const rows = [];
const misses = [];
for (const [variant, change] of [
  ['plain', (html) => html],
  ['renamed', (html) => renameNames(html, values.salt)],
]) {
  for (const [system, run] of systems) {
    const cpuMs = [];
    const scores = pages.map(({ html, url, text }) => {
      const source = change(html);
      let answer = '';
      cpuMs.push(cpuMsOf(() => (answer = run(source, url))));
      const score = scorePage(text, answer);
      if (system === 'gleaner' && variant === 'plain') misses.push({ url: url.slice(0, 80), ...score });
      return score;
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
      ...spread(cpuMs),
    });
  }
}
console.log(
  `${pages.length} articles, ${Math.round(pages.reduce((sum, { html }) => sum + html.length, 0) / pages.length / 1_000)} kB on average`,
);
console.table(rows);

const f1Of = ({ precision, recall }) => (2 * (precision ?? 0) * (recall ?? 0)) / Math.max(1e-9, (precision ?? 0) + (recall ?? 0));
const worst = misses.toSorted((a, b) => f1Of(a) - f1Of(b)).slice(0, Number(values.misses));
if (worst.length > 0) {
  console.log('Worst pages of gleaner');
  console.table(
    worst.map((page) => ({
      url: page.url,
      f1: figure(f1Of(page)),
      precision: figure(page.precision ?? 0),
      recall: figure(page.recall ?? 0),
    })),
  );
}

const cases = checkMarkdown(markdownOf);
const faulty = cases.filter(({ faults }) => faults.length > 0);
const checks = cases.reduce((sum, { checks: count }) => sum + count, 0);
console.log(
  `Markdown: ${cases.length - faulty.length} of ${cases.length} cases clean, ${checks - faulty.flatMap(({ faults }) => faults).length} of ${checks} checks`,
);
for (const { name, faults } of faulty) console.log('  ', name, faults);
process.exitCode = faulty.length > 0 ? 1 : 0;

const { rows: costs, share } = measureFastPath(pages);
console.log(`Known sites: ${Math.round(share * 100)} % of pages by rules; parsing comes on top of general and of template`);
console.table(costs);
