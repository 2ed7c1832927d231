/** `npm run bench [-- NAME [options]]`: measurements, each as a ratio of two things taken in one run. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHES = {
  extract: { script: 'extract-overhead.mjs', about: 'a durable extract against the same stage functions called directly' },
  crawl: {
    script: 'crawl.mjs',
    about: 'a durable crawl against a bare loop, Crawlee and one page at a time; what is answered meanwhile; growth',
  },
  load: { script: 'load.mjs', about: '200 clients at once, reads and job starts mixed; errors, limits, latencies, memory' },
  extraction: { script: 'extraction/main.mjs', about: 'quality and CPU of the general extractor; needs --data DIR with an evaluation set' },
  types: { script: 'extraction/types.mjs', about: 'quality on generated listings, collections, threads, products and services' },
};

const [name, ...options] = process.argv.slice(2);
const chosen = name === undefined || name.startsWith('-') ? ['extract'] : [name];
if (name === '--help' || !chosen.every((bench) => Object.hasOwn(BENCHES, bench))) {
  console.error(
    `Usage: npm run bench -- [NAME] [options]\n${Object.entries(BENCHES)
      .map(([key, { about }]) => `  ${key.padEnd(12)} ${about}`)
      .join('\n')}`,
  );
  process.exitCode = name === '--help' ? 0 : 2;
} else {
  for (const bench of chosen) {
    const path = fileURLToPath(new URL(BENCHES[bench].script, import.meta.url));
    process.exitCode ||= await new Promise((resolve) =>
      spawn(process.execPath, [path, ...options], { stdio: 'inherit' }).on('close', (code) => resolve(code ?? 1)),
    );
  }
}
