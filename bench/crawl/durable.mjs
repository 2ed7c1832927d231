/** One crawl through the whole system, measured from outside. */
import { setTimeout as delay } from 'node:timers/promises';
import { cpuOf, memoryOf, minus, processesOf, total } from '../processes.mjs';

const LONGEST_MS = 30 * 60_000;

/** Crawls the site and gives seconds, pages stored, CPU of all processes in milliseconds a page, memory in megabytes by process, and the job. */
export async function crawlDurably({ system, client, url, limit, meanwhile = async () => undefined }) {
  const processes = processesOf(system.folder);
  const before = cpuOf(processes);
  const startedAt = performance.now();
  const asked = await client.crawl({ url, limit, depth: 30, render: 'never' });
  const peak = memoryOf(processes);
  let job = asked;
  while (!['completed', 'failed', 'cancelled'].includes(job.state)) {
    if (performance.now() - startedAt > LONGEST_MS) throw new Error(`the crawl is still ${job.state}: ${JSON.stringify(job.counts)}`);
    await meanwhile(job);
    await delay(100);
    job = await client.job(asked.id);
    for (const [name, megabytes] of Object.entries(memoryOf(processes))) peak[name] = Math.max(peak[name], megabytes);
  }
  // The job says itself when it began and ended: the clock of this process is only the limit.
  const seconds = (Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1_000;
  const used = minus(cpuOf(processes), before);
  const pages = job.counts.stored;
  return { job, seconds, pages, pagesPerSecond: pages / seconds, cpuMs: total(used) / pages, used, memoryMb: peak };
}
