// Precision and recall on generated pages that are no articles, by type, beside Readability in the same run.
// node bench/extraction/types.mjs [--before FILE]    FILE is another build of the extractor to set beside this one
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Readability } from '@mozilla/readability';
import * as current from '@gleaner/extraction';
import { parseHTML } from 'linkedom';

// The pages are the tests' own: their source is read as it is.
registerHooks({
  resolve: (name, context, next) => next(context.parentURL?.endsWith('.ts') === true ? name.replace(/\.js$/, '.ts') : name, context),
});
const { labelledPages, scoreMarks } = await import('../../libs/extraction/src/test-support/labelled-pages.ts');

const { values } = parseArgs({ options: { before: { type: 'string' }, failures: { type: 'boolean', default: false } } });
const { parsePage, toText } = current;

const byExtractor = (extractor) => (html, url) => extractor.extractGeneral(extractor.parsePage(html, url));
const systems = {
  ...(values.before === undefined ? {} : { before: byExtractor(await import(pathToFileURL(values.before).href)) }),
  gleaner: byExtractor(current),
  'readability + linkedom': (html, url) => {
    const article = new Readability(parseHTML(html).document).parse();
    const content = parsePage(`<body>${article?.content ?? ''}</body>`, url);
    return { text: content.body === null ? '' : toText([content.body]), type: '', title: article?.title ?? '' };
  },
  'whole page': (html, url) => ({ text: toText([parsePage(html, url).body]), type: '', title: '' }),
};

const mean = (numbers) => Number((numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length)).toFixed(3));
const rows = [];
for (const type of ['listing', 'collection', 'forum', 'product', 'service']) {
  for (const [system, run] of Object.entries(systems)) {
    const results = labelledPages()
      .filter((page) => page.type === type)
      .map((page) => {
        const answer = run(page.html, page.url);
        const score = scoreMarks(page, answer.text);
        if (
          values.failures &&
          system === 'gleaner' &&
          (score.precision < 1 || score.recall < 1 || answer.type !== type || answer.title !== page.title)
        )
          console.log(type, page.layout, score, answer.type, answer.title);
        return { ...score, isType: answer.type === type, isTitle: answer.title === page.title };
      });
    const precision = mean(results.map((result) => result.precision));
    const recall = mean(results.map((result) => result.recall));
    rows.push({
      type,
      system,
      pages: results.length,
      precision,
      recall,
      f1: Number(((2 * precision * recall) / Math.max(1e-9, precision + recall)).toFixed(3)),
      'type right': mean(results.map((result) => Number(result.isType))),
      'title right': mean(results.map((result) => Number(result.isTitle))),
    });
  }
}
console.table(rows);
