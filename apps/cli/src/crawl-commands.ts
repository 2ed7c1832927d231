import type { ExportFormat, LedgerState, RenderMode } from '@gleaner/sdk';
import { CRAWL_DEFAULTS, CRAWL_LIMITS, CRAWL_SCOPES, LEDGER_STATES, SITEMAP_MODES } from '@gleaner/domain';
import { type Command, Option } from 'commander';
import { addAskedOptions } from './asked-flags.js';
import { type ChangeFlags, type CrawlFlags, changeJob, crawl } from './commands/crawl.js';
import { type ExportFlags, exportJob } from './commands/export.js';
import { type PagesFlags, listPages } from './commands/pages.js';
import { collect, wholeNumber } from './flag-values.js';
import type { Runner } from './program.js';
import type { CommonFlags } from './session.js';

const PATTERNS = `
Patterns are those of robots.txt: they match from the beginning of path and query, * is anything, a last $ is the end.
  --include /docs/ --exclude '/docs/old/' --exclude '*.pdf$'
Ctrl-C leaves the job running: gleaner watch ID shows it again, gleaner cancel ID stops it.`;

/** Commands about crawls and what they found. */
export function addCrawlCommands(program: Command, run: Runner, common: (command: Command) => Command): void {
  common(
    changeable(
      addAskedOptions(
        program
          .command('crawl')
          .description('fetch a whole site, show how it goes and what came of it')
          .argument('<url>', 'page to start from')
          .option(
            '--depth <n>',
            `most links from the start page to a page (default ${CRAWL_DEFAULTS.depth})`,
            wholeNumber(0, CRAWL_LIMITS.depth),
          )
          .addOption(
            new Option('--scope <scope>', 'host (default), its whole domain, or what is below the folder of the start page').choices(
              CRAWL_SCOPES,
            ),
          )
          .addOption(
            new Option('--sitemap <mode>', 'auto (default): sitemaps besides links; only: no links; skip: no sitemaps').choices(
              SITEMAP_MODES,
            ),
          )
          .addOption(
            new Option('--render <mode>', 'auto (default): HTTP first, the browser where the page needs it').choices([
              'auto',
              'never',
              'always',
            ] satisfies RenderMode[]),
          )
          .option('--refresh', 'visit the site again: what has not changed is kept as it is')
          .option('--no-embed', 'leave out chunks and embeddings')
          .option(
            '--deadline <seconds>',
            'end after so many seconds; what is stored then stays',
            wholeNumber(1, CRAWL_LIMITS.deadlineSeconds),
          )
          .option('--no-wait', 'print the job id and go')
          .option('--detach', 'the same')
          .addHelpText('after', PATTERNS),
      ),
      true,
    ),
  ).action((url: string, flags: CommonFlags & CrawlFlags) => run(flags, (session) => crawl(session, url, flags)));
  common(
    changeable(program.command('change').description('change a job while it runs').argument('<id>', 'job id'), false)
      .option('--no-include', 'drop all include patterns')
      .option('--no-exclude', 'drop all exclude patterns')
      .addHelpText('after', '\nPatterns replace those that were. Pages that wait are judged anew; those that are stored stay.'),
  ).action((id: string, flags: CommonFlags & ChangeFlags) => run(flags, (session) => changeJob(session, id, flags)));
  addResultCommands(program, run, common);
}

function addResultCommands(program: Command, run: Runner, common: (command: Command) => Command): void {
  common(
    program
      .command('pages')
      .description('list the pages of a crawl and what became of them, in the order in which they were found (--json: one a line)')
      .argument('<id>', 'job id')
      .addOption(new Option('--state <state>', 'only in this state').choices(LEDGER_STATES satisfies readonly LedgerState[]))
      .option('--reason <reason>', 'only for this reason: robots, depth, http_404 …')
      .option('--limit <n>', 'at most so many (default all)', wholeNumber(1, 10_000_000)),
  ).action((id: string, flags: CommonFlags & PagesFlags) =>
    run(flags, (session) => {
      const { state, reason, limit } = flags;
      return listPages(session, id, { ...(state && { state }), ...(reason && { reason }), ...(limit && { limit }) });
    }),
  );
  common(
    program
      .command('export')
      .description('write the documents of a finished crawl, as it was found')
      .argument('<id>', 'job id')
      .addOption(
        new Option('--format <format>', 'jsonl: one document a line; zip: a Markdown file for each page, with links between them')
          .choices(['jsonl', 'zip'] satisfies ExportFormat[])
          .default('jsonl'),
      )
      .option('--output <file>', 'file to write, - is stdout (default: stdout, for an archive ID.zip)')
      .option('--force', 'write over a file that is there'),
  ).action((id: string, flags: CommonFlags & ExportFlags) => run(flags, (session) => exportJob(session, id, flags)));
}

/** What a crawl is asked for and what can be changed while it runs; only the former has defaults. */
function changeable(command: Command, isNew: boolean): Command {
  const orElse = (value: number): string => (isNew ? ` (default ${value})` : '');
  return command
    .option('--limit <n>', `most pages that are kept${orElse(CRAWL_DEFAULTS.limit)}`, wholeNumber(1, CRAWL_LIMITS.pages))
    .option('--include <pattern>', 'only pages that match one of these; repeatable', collect)
    .option('--exclude <pattern>', 'no pages that match one of these; repeatable', collect)
    .option(
      '--concurrency <n>',
      `pages of one host at once, at most${orElse(CRAWL_DEFAULTS.concurrency)}`,
      wholeNumber(1, CRAWL_LIMITS.concurrency),
    )
    .option('--label <label...>', 'labels of the job, to find it by')
    .option('--priority <n>', `1 is served first, 5 last${orElse(4)}`, wholeNumber(1, 5));
}
