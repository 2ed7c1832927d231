import { hostList, integer, oneOf, optionalText, originList, text, url } from './kinds.js';
import { MODEL_SETTINGS } from './model-table.js';

const pool = (name: string, size: number, does: string) =>
  integer({
    default: size,
    min: 1,
    max: 500,
    example: String(size),
    description: `Slots of the \`${name}\` pool in one process: how many ${does} at once.`,
  });

/**
 * Every setting, once: name, type, default, description. `docs/configuration.md` and `.env.example` are generated from
 * this table. The environment is read in each app's `config.ts` and nowhere else.
 */
export const SETTINGS = {
  GLEANER_DATA: text({
    default: '.gleaner',
    example: '/var/lib/gleaner',
    description: 'Data folder of the embedded parts: database, blobs, Temporal file, keys, logs.',
  }),
  GLEANER_PORT: integer({ default: 4000, min: 0, max: 65_535, example: '4000', description: 'Port of the API; 0 picks a free one.' }),
  GLEANER_HOST: text({ default: '127.0.0.1', example: '0.0.0.0', description: 'Address the API listens on.' }),
  GLEANER_CORS_ORIGINS: originList({
    example: 'https://app.example.com,http://localhost:5173',
    description: 'Exact origins of web pages that may call the API from a browser. Default: none.',
  }),
  GLEANER_ALLOW_PRIVATE: hostList({
    example: '127.0.0.1:8080,intranet.local',
    description: 'Exact private targets that fetches may reach. Everything else that is not public is refused.',
  }),
  GLEANER_ADMIN_KEY: optionalText({
    secret: true,
    example: 'glk_…',
    description: 'First admin key; `npm start` makes one and keeps it in admin.key.',
  }),
  GLEANER_BLOBS: url({
    protocols: ['file'],
    example: 'file:///var/lib/gleaner/blobs',
    description: 'Where page bodies are kept. Default: blobs/ in the data folder.',
  }),
  GLEANER_CACHE: optionalText({
    type: 'path',
    example: '~/.cache/gleaner',
    description: 'Where `npm start` keeps what it downloads (Node, Temporal CLI, Chromium). Default: the cache folder of the user.',
  }),
  GLEANER_LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug'], {
    default: 'info',
    example: 'debug',
    description: 'Least severe log lines that are written.',
  }),
  GLEANER_METRICS_PORT: integer({
    default: 0,
    min: 0,
    max: 65_535,
    example: '9464',
    description:
      'Port for the Prometheus metrics of a worker process; 0: none. `npm start` gives its worker processes this port and the following ones. The API has its own at `/metrics`.',
  }),
  GLEANER_METRICS_HOST: text({
    default: '127.0.0.1',
    example: '0.0.0.0',
    description: 'Address that the metrics of a worker process are served on, as a number; no key protects them.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: url({
    protocols: ['http', 'https'],
    example: 'http://127.0.0.1:4318',
    description: 'OTLP/HTTP collector that traces are sent to; without it none are made. All other `OTEL_*` as OpenTelemetry defines them.',
  }),
  GLEANER_POOL_WORKFLOWS_SIZE: pool('workflows', 40, 'workflow tasks run'),
  GLEANER_POOL_FETCH_SIZE: pool('fetch', 15, 'pages are fetched by HTTP'),
  GLEANER_POOL_BROWSER_SIZE: pool('browser', 3, 'pages are rendered'),
  GLEANER_POOL_LEARN_SIZE: pool('learn', 2, 'templates are learned'),
  GLEANER_POOL_EXTRACT_SIZE: pool('extract', 10, 'pages are extracted'),
  GLEANER_POOL_EMBED_SIZE: pool('embed', 5, 'documents are chunked and embedded'),
  GLEANER_POOL_STORE_SIZE: pool('store', 3, 'documents are stored'),
  GLEANER_POOL_ANALYZE_SIZE: pool('analyze', 5, 'documents are analyzed'),
  GLEANER_CPU_THREADS: integer({
    default: 2,
    min: 1,
    max: 64,
    example: '4',
    description: 'Threads that parse pages, in each process that serves learn, extract or analyze.',
  }),
  GLEANER_PARSE_TIMEOUT_MS: integer({
    default: 15_000,
    min: 100,
    max: 120_000,
    example: '15000',
    description: 'Longest time one page may keep a parsing thread; the thread is then replaced.',
  }),
  GLEANER_FETCH_TIMEOUT_MS: integer({
    default: 30_000,
    min: 1_000,
    max: 300_000,
    example: '30000',
    description: 'Longest time for one page by HTTP, redirects and body included.',
  }),
  GLEANER_RENDER_TIMEOUT_MS: integer({
    default: 30_000,
    min: 1_000,
    max: 300_000,
    example: '30000',
    description: 'Longest time for one page in the browser.',
  }),
  GLEANER_MAX_PAGE_BYTES: integer({
    default: 10_000_000,
    min: 10_000,
    max: 100_000_000,
    example: '10000000',
    description: 'Largest page, counted after decompression.',
  }),
  GLEANER_MAX_REDIRECTS: integer({
    default: 10,
    min: 0,
    max: 20,
    example: '10',
    description: 'Most redirects that are followed for one page.',
  }),
  GLEANER_HOST_INTERVAL_MS: integer({
    default: 100,
    min: 0,
    max: 60_000,
    example: '1000',
    description:
      'Least time between two requests to one public host, over all jobs and processes. Hosts listed as private targets have none; Crawl-delay always counts.',
  }),
  GLEANER_HOST_CONCURRENCY: integer({
    default: 8,
    min: 1,
    max: 64,
    example: '2',
    description:
      'Most pages that batches fetch of one public host at once, over all jobs and processes; fewer while the host asks for less. Hosts listed as private targets have 48.',
  }),
  GLEANER_USER_AGENT: text({
    default: 'GleanerBot/0.1 (+https://github.com/gleaner/gleaner)',
    example: 'GleanerBot/0.1 (+https://example.com/bot)',
    description: 'User-Agent of all requests; its first word is the name looked up in robots.txt.',
  }),
  GLEANER_TEMPORAL_UI_URL: url({
    protocols: ['http', 'https'],
    example: 'http://127.0.0.1:8233',
    description: 'Address of the Temporal Web UI, for links to jobs.',
  }),
  GLEANER_LIMIT_REQUESTS_PER_MINUTE: integer({
    default: 1_200,
    min: 0,
    max: 1_000_000,
    example: '600',
    description:
      'Requests that each API key may send in a minute, over all processes; 0: no limit. An admin sets other limits for single owners; the owner of the first admin key has none.',
  }),
  GLEANER_LIMIT_RUNNING_JOBS: integer({
    default: 200,
    min: 0,
    max: 1_000_000,
    example: '50',
    description: 'Jobs of one owner that may be unfinished at once; 0: no limit. The same exceptions.',
  }),
  GLEANER_LIMIT_PAGES_PER_DAY: integer({
    default: 50_000,
    min: 0,
    max: 1_000_000_000,
    example: '10000',
    description: 'Pages that the jobs of one owner may ask for in a day (UTC); 0: no limit. The same exceptions.',
  }),
  GLEANER_URL: url({
    protocols: ['http', 'https'],
    example: 'http://127.0.0.1:4000',
    description: 'API that the `gleaner` command talks to. Default: what runs on the data folder.',
  }),
  GLEANER_API_KEY: optionalText({
    secret: true,
    example: 'glk_…',
    description: 'Key that the `gleaner` command uses. Default: admin.key of the data folder.',
  }),
  DATABASE_URL: url({
    protocols: ['postgres', 'postgresql'],
    secret: true,
    example: 'postgresql://gleaner:secret@db:5432/gleaner',
    description: 'PostgreSQL 15 or newer with pgvector; replaces the embedded database.',
  }),
  TEMPORAL_ADDRESS: optionalText({
    type: 'HOST:PORT',
    example: 'temporal:7233',
    description: 'Temporal server; replaces the embedded one.',
  }),
  TEMPORAL_NAMESPACE: text({ default: 'default', example: 'default', description: 'Temporal namespace.' }),
  TEMPORAL_CLI: optionalText({
    type: 'path',
    example: '/usr/local/bin/temporal',
    description: 'Temporal CLI that runs the embedded server; looked for first.',
  }),
  CHROMIUM_PATH: optionalText({
    type: 'path',
    example: '/usr/bin/chromium',
    description: 'Browser for pages that need one; looked for first.',
  }),
  ...MODEL_SETTINGS,
} as const;

export type SettingName = keyof typeof SETTINGS;
export type Settings = { readonly [K in SettingName]: (typeof SETTINGS)[K]['default'] };
