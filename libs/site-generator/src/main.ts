import { parseArgs } from 'node:util';
import { startGeneratedSite } from './generated-site.js';
import type { Language } from './lexicon.js';

/** `node dist/main.js --seed 1 --pages 2000`: serves a site until it is told to stop; prints `{"url": …}` when it listens. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    pages: { type: 'string', default: '1000' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    latency: { type: 'string', default: '0' },
    jitter: { type: 'string', default: '0' },
    bytes: { type: 'string', default: '20000' },
    fail: { type: 'string', default: '0' },
    duplicates: { type: 'string', default: '0' },
    javascript: { type: 'string', default: '0' },
    rate: { type: 'string' },
    'retry-after': { type: 'string', default: '1' },
    sitemap: { type: 'string', default: 'plain' },
    traps: { type: 'boolean', default: false },
    redirects: { type: 'boolean', default: false },
    languages: { type: 'string', default: 'en' },
  },
});

const site = await startGeneratedSite(
  {
    seed: Number(values.seed),
    pages: Number(values.pages),
    host: values.host,
    port: Number(values.port),
    latencyMs: Number(values.latency),
    latencyJitterMs: Number(values.jitter),
    bytesPerPage: Number(values.bytes),
    failShare: Number(values.fail),
    duplicates: Number(values.duplicates),
    javascript: Number(values.javascript),
    sitemap: values.sitemap === 'index-gz' ? 'index-gz' : values.sitemap !== 'none',
    traps: values.traps,
    redirects: values.redirects,
    languages: values.languages.split(',').filter((name): name is Language => ['en', 'de', 'fr'].includes(name)),
    ...(values.rate === undefined
      ? {}
      : { throttle: { maxPerSecond: Number(values.rate), retryAfterSeconds: Number(values['retry-after']) } }),
  },
  true,
);
process.stdout.write(`${JSON.stringify({ url: site.url })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void site.close());
