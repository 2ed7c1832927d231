/**
 * SIGKILL of every process at random moments of a crawl, in the end of all at once; then the result is compared with an undisturbed crawl of the same
 * site. Seeded: the same seed kills the same processes after the same waits, whatever state the crawl is in then.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@gleaner/sdk';
import { startSite } from '../crawl/site-process.mjs';
import { processesOf } from '../processes.mjs';
import { startSystem } from '../start-system.mjs';

const VICTIMS = ['worker-io', 'worker-cpu', 'worker-browser', 'api', 'temporal', 'database'];
const FINAL_STATES = new Set(['completed', 'failed', 'cancelled']);
const FINAL_EVENTS = new Set(['job.completed', 'job.failed', 'job.cancelled']);
const FINAL_PAGES = ['stored', 'unchanged', 'duplicate', 'skipped', 'failed'];
const LONGEST_MS = 20 * 60_000;
const BACK_WITHIN_MS = 120_000;

/** xorshift32. */
function randomOf(seed) {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** Asks again while processes are being killed; throws after the longest time. */
async function untilAnswered(ask, withinMs = BACK_WITHIN_MS) {
  for (const deadline = performance.now() + withinMs; ; await delay(200)) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is restarting at this moment: as good as killed
  }
}

async function killAll(system) {
  const processes = processesOf(system.folder);
  system.supervisor.kill('SIGKILL');
  await once(system.supervisor, 'exit');
  for (const pid of Object.values(processes)) kill(pid);
}

/** What a crawl left: pages by path, the job, its events, and the documents. */
async function resultOf(client, id) {
  const job = await untilAnswered(() => client.job(id));
  const pages = new Map();
  const twice = [];
  for (const page of await untilAnswered(() => Array.fromAsync(client.pages(id)))) {
    const { pathname, search } = new URL(page.url);
    if (pages.has(pathname + search)) twice.push(pathname + search);
    pages.set(pathname + search, page);
  }
  const hashes = new Map();
  for (const { pageUrl, contentHash } of await untilAnswered(() => Array.fromAsync(client.documents(id))))
    hashes.set(new URL(pageUrl).pathname, contentHash);
  const events = await untilAnswered(() => Array.fromAsync(client.watch(id)));
  return { job, pages, twice, hashes, events };
}

/** Looks at the job over and over: it must not call itself completed before all of it can be read. */
async function watchEnd(client, id, broken) {
  for (const deadline = performance.now() + LONGEST_MS; ; await delay(250)) {
    const job = await untilAnswered(() => client.job(id));
    if (!FINAL_STATES.has(job.state)) {
      if (performance.now() > deadline) throw new Error(`the crawl is still ${job.state}: ${JSON.stringify(job.counts)}`);
      continue;
    }
    const pages = await untilAnswered(() => Array.fromAsync(client.pages(id)));
    const open = pages.filter(({ state }) => !FINAL_PAGES.includes(state));
    if (open.length > 0) broken.push(`it was ${job.state} while ${open.length} pages were open: ${open[0].url}`);
    return;
  }
}

function compare(calm, chaotic) {
  const broken = [];
  const { job, pages, twice, hashes, events } = chaotic;
  if (job.state !== 'completed') broken.push(`the job is ${job.state}: ${JSON.stringify(job.error)}`);
  if (twice.length > 0) broken.push(`in the ledger twice: ${twice.slice(0, 3)}`);
  const classOf = (page) => (page === undefined ? 'not there' : `${page.state} ${page.state === 'duplicate' ? '' : (page.reason ?? '')}`);
  // Which of two equal pages is the original depends on which comes first.
  const isDuplicate = (result, path) =>
    result.pages.get(path)?.state === 'duplicate' ||
    [...result.pages.values()].some(({ duplicateOf }) => duplicateOf !== null && new URL(duplicateOf).pathname === path);
  for (const path of new Set([...calm.pages.keys(), ...pages.keys()])) {
    const [before, after] = [classOf(calm.pages.get(path)), classOf(pages.get(path))];
    if (before !== after && !(isDuplicate(calm, path) && isDuplicate(chaotic, path)))
      broken.push(`${path}: ${before} undisturbed, ${after} disturbed`);
  }
  for (const [path, hash] of calm.hashes) if (hashes.has(path) && hashes.get(path) !== hash) broken.push(`${path}: another text`);
  const states = Object.groupBy(pages.values(), ({ state }) => state);
  for (const state of FINAL_PAGES)
    if (job.counts[state] !== (states[state]?.length ?? 0))
      broken.push(`counts say ${job.counts[state]} ${state}, the ledger ${states[state]?.length ?? 0}`);
  if (events.some(({ seq }, index) => seq !== index + 1)) broken.push('event numbers with a gap or a repeat');
  const ends = events.filter(({ type }) => FINAL_EVENTS.has(type)).length;
  if (ends !== 1) broken.push(`${ends} final events`);
  const stored = events.filter(({ type }) => type === 'page.stored').map(({ url }) => url);
  if (new Set(stored).size !== stored.length) broken.push('a page was stored twice');
  return broken;
}

/** `{ kills, broken, pages, seconds }`: what was killed, and what does not hold. `tell` gets a line for each step. */
export async function runChaos({ seed, pages, kills, latencyMs, failShare = 0, tell }) {
  const random = randomOf(seed);
  const site = await startSite({ pages, latencyMs, seed, failShare, bytes: 8_000 });
  const input = { url: `${site.url}/`, limit: pages * 2 + 100, depth: 30, render: 'never' };
  try {
    let system = await startSystem(site.address);
    let client = createClient({ url: system.ready.url, key: system.key });
    const calmJob = await client.crawl(input);
    await watchEnd(client, calmJob.id, []);
    const calm = await resultOf(client, calmJob.id);
    await system.stop();
    tell(`undisturbed: ${calm.job.state}, ${calm.job.counts.stored} pages stored`);

    const killed = [];
    const broken = [];
    const first = await startSystem(site.address);
    system = first;
    client = createClient({ url: system.ready.url, key: system.key });
    const startedAt = performance.now();
    const { id } = await client.crawl(input);
    const since = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
    for (let count = 0; count < kills; count++) {
      await delay(300 + random() * 1_500);
      // Every one once, then any.
      const victim = count < VICTIMS.length ? VICTIMS[count] : VICTIMS[Math.floor(random() * VICTIMS.length)];
      const pid = processesOf(system.folder)[victim];
      if (pid === undefined) continue;
      kill(pid);
      killed.push(victim);
      const { state, counts } = await untilAnswered(() => client.job(id));
      tell(`${since().padStart(8)}  killed ${victim} (${pid}); ${state}, ${counts.stored} stored`);
      if (FINAL_STATES.has(state)) break;
    }
    await killAll(system);
    killed.push('everything');
    tell(`${since().padStart(8)}  killed everything; started again on the same folder`);
    system = await startSystem(site.address, { folder: first.folder });
    client = createClient({ url: system.ready.url, key: system.key });
    await watchEnd(client, id, broken);
    const chaotic = await resultOf(client, id);
    tell(`${since().padStart(8)}  ${chaotic.job.state}, ${chaotic.job.counts.stored} pages stored`);
    await system.stop();
    await rm(first.folder, { recursive: true, force: true });
    return {
      kills: killed,
      broken: [...broken, ...compare(calm, chaotic)],
      pages: chaotic.job.counts.stored,
      seconds: (performance.now() - startedAt) / 1_000,
    };
  } finally {
    await site.stop();
  }
}
