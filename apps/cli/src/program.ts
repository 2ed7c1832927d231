import type { RenderMode, RetryFrom } from '@gleaner/sdk';
import { Argument, Command, Option } from 'commander';
import { addAskedOptions } from './asked-flags.js';
import { addCrawlCommands } from './crawl-commands.js';
import { doctor } from './commands/doctor.js';
import { type ExtractFlags, extract } from './commands/extract.js';
import { type JobsFlags, listJobs, showJob, steerJobs, watchJob } from './commands/jobs.js';
import { addKeyCommands } from './commands/keys.js';
import { type LearnFlags, learn } from './commands/learn.js';
import { decideVersion, showSites, showVersions } from './commands/sites.js';
import type { ExitCode } from './exit-code.js';
import { isoTime, wholeNumber } from './flag-values.js';
import type { CommonFlags, Session } from './session.js';

/** Runs a command with the flags all commands have in common. */
export type Runner = (flags: CommonFlags, command: (session: Session) => Promise<ExitCode>) => Promise<void>;

const STATES = ['queued', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const;

const EXAMPLES = `
Examples:
  $ gleaner extract https://example.com/news/1            the page as Markdown
  $ gleaner extract https://example.com/news/1 --json     the whole document
  $ gleaner extract https://a.example https://b.example > pages.md
  $ gleaner extract https://example.com/shop/1 --fields price:number,warranty
  $ gleaner crawl https://example.com/docs/ --scope path --limit 200
  $ gleaner export job_01h2 --format zip                  a Markdown file for each page
  $ gleaner jobs --state failed
  $ gleaner watch job_01h2 --json | jq .type
  $ gleaner doctor                                        what is wrong, and what to do

Exit codes: 0 done, 1 a job failed or a check is bad, 2 wrong usage, 3 the API cannot be reached.
Which API: --url and --key, else GLEANER_URL and GLEANER_API_KEY, else what runs on the data folder (--data, GLEANER_DATA, .gleaner).`;

export function buildProgram(version: string, run: Runner): Command {
  const program = new Command('gleaner')
    .description('Turn web pages into clean documents, durably.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    // Flags after a subcommand are its own, also where the command above it has one of the same name.
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .showHelpAfterError('(what there is: gleaner --help)')
    .addHelpText('after', EXAMPLES);
  addPageCommands(program, run);
  addCrawlCommands(program, run, common);
  addJobCommands(program, run);
  addSiteCommands(program, run);
  addKeyCommands(program, run, common);
  common(program.command('doctor').description('check this machine, the running system and the key; say what to do')).action(
    (flags: CommonFlags) => run(flags, (session) => doctor(session, version)),
  );
  return program;
}

const render = (): Option =>
  new Option('--render <mode>', 'auto: HTTP first, the browser where the page needs it').choices([
    'auto',
    'never',
    'always',
  ] satisfies RenderMode[]);

const id = (): Argument => new Argument('<id>', 'job id');

function addPageCommands(program: Command, run: Runner): void {
  common(
    addAskedOptions(
      program
        .command('extract')
        .description('fetch pages and print them as Markdown, or the fields they are asked for as JSON (--json: as documents)')
        .argument('<url...>', 'pages')
        .addOption(render())
        .option('--fresh', 'fetch anew, whatever is known')
        .option('--label <label...>', 'labels of the jobs, to find them by')
        .option('--no-wait', 'print the job ids and go'),
    ).addHelpText('after', '\nExit code 1 where a page lacks a required field.'),
  ).action((urls: string[], flags: CommonFlags & ExtractFlags) => run(flags, (session) => extract(session, urls, flags)));
  common(
    program
      .command('learn')
      .description('learn how the pages of a site are built, from one of them')
      .argument('<url>', 'a typical page')
      .addOption(render())
      .option('--fresh', 'learn again even when the template is known')
      .option('--no-wait', 'print the job id and go'),
  ).action((url: string, flags: CommonFlags & LearnFlags) => run(flags, (session) => learn(session, url, flags)));
}

function addJobCommands(program: Command, run: Runner): void {
  common(
    program
      .command('jobs')
      .description('list jobs, newest first')
      .addOption(new Option('--kind <kind>', 'only this kind').choices(['extract', 'learn', 'crawl']))
      .addOption(new Option('--state <state>', 'only in this state').choices(STATES))
      .option('--label <label...>', 'only with all of these labels')
      .option('--since <time>', 'created at or after this ISO time', isoTime)
      .option('--limit <n>', 'at most so many', wholeNumber(1, 10_000), 20)
      .option('--cursor <cursor>', 'go on where an earlier list ended'),
  ).action((flags: CommonFlags & JobsFlags) =>
    run(flags, (session) => {
      const { kind, state, label, since, limit, cursor } = flags;
      const filter = { ...(kind && { kind }), ...(state && { state }), ...(label && { label }), ...(since && { since }) };
      return listJobs(session, { limit, ...(cursor && { cursor }), ...filter });
    }),
  );
  common(program.command('job').description('show one job').addArgument(id())).action((job: string, flags: CommonFlags) =>
    run(flags, (session) => showJob(session, job)),
  );
  common(
    program
      .command('watch')
      .description('follow the events of a job to its end')
      .addArgument(id())
      .option('--after <seq>', 'only events after this number', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  ).action((job: string, flags: CommonFlags & { readonly after: number }) =>
    run(flags, (session) => watchJob(session, job, { after: flags.after })),
  );
  const verbs = {
    cancel: 'stop jobs; what is done stays readable',
    pause: 'let jobs wait between two stages',
    resume: 'let paused jobs go on',
  } as const;
  for (const verb of ['cancel', 'pause', 'resume'] as const) {
    common(program.command(verb).description(verbs[verb]).argument('<id...>', 'job ids')).action((ids: string[], flags: CommonFlags) =>
      run(flags, (session) => steerJobs(session, verb, ids)),
    );
  }
  common(
    program
      .command('retry')
      .description('do again what failed of final jobs')
      .argument('<id...>', 'job ids')
      .addOption(
        new Option(
          '--from <stage>',
          'failed (default), or extract: all stored pages of a crawl are extracted anew, without fetching',
        ).choices(['failed', 'extract'] satisfies RetryFrom[]),
      ),
  ).action((ids: string[], flags: CommonFlags & { readonly from?: RetryFrom }) =>
    run(flags, (session) => steerJobs(session, 'retry', ids, flags.from)),
  );
}

function addSiteCommands(program: Command, run: Runner): void {
  const sites = common(
    program
      .command('sites')
      .description('what has been learned: all sites, the templates of one, and which versions of them serve')
      .argument('[host]', 'host, with its port where it has one'),
  ).action((host: string | undefined, flags: CommonFlags) => run(flags, (session) => showSites(session, host)));
  const template = (command: Command): Command =>
    common(command).argument('<host>', 'host of the site').argument('<template>', 'template id, as `gleaner sites HOST` shows it');
  template(sites.command('versions').description('list the versions of a template, newest first')).action(
    (host: string, templateId: string, flags: CommonFlags) => run(flags, (session) => showVersions(session, host, templateId)),
  );
  const verdicts = {
    activate: 'let a version serve; learning may put a newer one in its place',
    pin: 'let a version serve for good; what is learned later waits as a candidate',
    reject: 'never let a version serve again',
  } as const;
  for (const verb of ['activate', 'pin', 'reject'] as const) {
    template(sites.command(verb).description(verdicts[verb]))
      .argument('<version>', 'number of the version', wholeNumber(1, 999_999_999))
      .action((host: string, templateId: string, version: number, flags: CommonFlags) =>
        run(flags, (session) => decideVersion(session, verb, { host, templateId, version })),
      );
  }
}

function common(command: Command): Command {
  return command
    .option('--json', 'print JSON')
    .option('--url <url>', 'API to talk to')
    .option('--key <key>', 'API key (GLEANER_API_KEY keeps it out of the process list)')
    .option('--data <dir>', 'data folder of the running system')
    .helpOption('-h, --help', 'print this help');
}
