/**
 * Many clients at once on a running system, on loopback: reads and job starts mixed, by clients without a limit and by
 * clients of an owner with one. Counts answers by kind; a status that is neither success nor a limit is an error.
 * Options: --clients N (default 200), --seconds N (default 60), --seed N (default 1)
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createClient } from '@gleaner/sdk';
import { startBenchSite } from './bench-site.mjs';
import { ms, quantile } from './measure.mjs';
import { startSystem } from './start-system.mjs';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
const clients = Number(values.clients);
/** One client in ten belongs to an owner with this limit, so that limits are met. */
const LIMITED_SHARE = 0.1;
const LIMITED_REQUESTS_PER_MINUTE = 300;
const JOB_START_SHARE = 0.03;

/** xorshift32: the same seed, the same mix. */
function randomOf(seed) {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

const memoryMb = (pid) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
const memoryOf = (pids) => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, memoryMb(pid)]));

const site = await startBenchSite();
const system = await startSystem(site.address);
const base = `${system.ready.url}/api/v1`;
const answered = { read: [], start: [] };
const statuses = new Map();

async function call(kind, key, path, body) {
  const startedAt = performance.now();
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(base + path, { ...init, headers }).catch((error) => ({
    status: error.cause?.code ?? 'network',
    text: async () => '',
  }));
  await answer.text();
  if (answer.status < 300) answered[kind].push(performance.now() - startedAt);
  const name = `${kind} ${answer.status}${answer.status === 429 && !answer.headers.get('retry-after') ? ' without Retry-After' : ''}`;
  statuses.set(name, (statuses.get(name) ?? 0) + 1);
}

const post = (path, body) =>
  fetch(base + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).then((answer) => answer.json());

try {
  const client = createClient({ url: system.ready.url, key: system.key });
  const warm = [];
  for (let n = 0; n < 10; n++) warm.push(await client.startJob({ kind: 'extract', input: { url: site.pageUrl(n) } }, { waitSeconds: 60 }));
  const owner = await post('/users', { name: 'limited', limits: { requestsPerMinute: LIMITED_REQUESTS_PER_MINUTE } });
  const limited = await post('/keys', { name: 'limited', scopes: ['read', 'jobs'], ownerId: owner.id });
  const limitedKey = limited.secret ?? limited.key;
  if (typeof limitedKey !== 'string') throw new Error(`no key: ${JSON.stringify(limited)}`);
  const before = memoryOf(system.ready.pids);
  const until = performance.now() + Number(values.seconds) * 1_000;
  let started = 0;
  const lane = async (number) => {
    const random = randomOf(Number(values.seed) * 1_000 + number);
    const isLimited = number < clients * LIMITED_SHARE;
    const key = isLimited ? limitedKey : system.key;
    const ids = warm.map((job) => job.id);
    while (performance.now() < until) {
      const dice = random();
      const id = ids[Math.floor(random() * ids.length)];
      if (dice < JOB_START_SHARE)
        await call('start', key, '/jobs', { kind: 'extract', input: { url: site.pageUrl(100 + started++), render: 'never' } });
      else if (isLimited || dice < 0.2) await call('read', key, '/jobs?limit=20');
      else if (dice < 0.4) await call('read', key, '/sites');
      else await call('read', key, dice < 0.7 ? `/jobs/${id}` : `/jobs/${id}/result`);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_unused, number) => lane(number)));
  const after = memoryOf(system.ready.pids);
  const errors = [...statuses].filter(([name]) => !/ (200|202|429)$/.test(name));
  const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${clients} clients for ${values.seconds} s: ${total} answers, ${(total / Number(values.seconds)).toFixed(0)} a second`);
  console.log(`by status: ${[...statuses].map(([name, count]) => `${name}: ${count}`).join(', ')}`);
  console.log(`errors: ${errors.reduce((sum, [, count]) => sum + count, 0)}`);
  for (const [kind, times] of Object.entries(answered)) {
    const sorted = times.toSorted((a, b) => a - b);
    console.log(`${kind.padEnd(6)} p50 ${ms(quantile(sorted, 0.5))}  p99 ${ms(quantile(sorted, 0.99))}`);
  }
  console.log(
    `memory in MB, before → after: ${Object.keys(before)
      .map((name) => `${name} ${before[name]} → ${after[name]}`)
      .join(', ')}`,
  );
  process.exitCode = errors.length === 0 ? 0 : 1;
} finally {
  await system.stop();
  site.stop();
}
