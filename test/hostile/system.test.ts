/**
 * A smaller set of the thirty through the whole system: job in, answer out. Not here because its feature is not: the cache,
 * cookies and exports of other jobs (30).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoopbackSite, startLoopbackSite } from '../../libs/activities/src/fetch/test-ports.js';
import { type Gleaner, kill, startGleaner, waitUntil } from '../support/gleaner.js';
import { type Route, TEXT, WAYS, executablePath, html, redirect } from './harness.js';

let pub: LoopbackSite;
let canary: LoopbackSite;
let routes: Record<string, Route>;
let gleaner: Gleaner;

beforeAll(async () => {
  pub = await startLoopbackSite((request, response) => (routes[request.url ?? ''] ?? html(''))(request, response), '127.0.0.2');
  canary = await startLoopbackSite((_request, response) => void response.end('secret of the canary'), '127.0.0.3');
  gleaner = await startGleaner({ allow: [pub.address] });
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await Promise.all([pub.close(), canary.close()]);
});

const robots: Route = (_request, response) => void response.end('User-agent: *\nDisallow:\n');

async function outcomeOf(url: string, way: 'http' | 'browser'): Promise<string> {
  const { id } = await gleaner.client.startJob({ kind: 'extract', input: { url, render: way === 'http' ? 'never' : 'always' } });
  const job = await waitUntil(async () => {
    const seen = await gleaner.client.job(id);
    return ['completed', 'failed', 'cancelled'].includes(seen.state) ? seen : null;
  }, 120_000);
  return job.error === null ? job.state : `${job.state} ${job.error.code}`;
}

describe.each(WAYS)('the system, %s', (way) => {
  it('8, 12, 17, 18, 22: answers precisely, and reaches nothing private', async () => {
    routes = {
      '/robots.txt': robots,
      '/to': redirect(`${canary.origin}/latest`),
      '/loop': redirect('/loop'),
      '/pdf': (_request, response) => void response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.4'),
      '/huge': (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(Buffer.alloc(20_000_000, 32)),
      '/page': html(
        `<article><h1>Title</h1><p>${TEXT}</p><p>${TEXT}</p></article><img src="${canary.origin}/i"><iframe src="${canary.origin}/f"></iframe><script>fetch("${canary.origin}/s").catch(() => {}); new WebSocket("ws://${canary.address}/w")</script>`,
      ),
    };
    const found: Record<string, string> = {};
    for (const path of ['/to', '/loop', '/pdf', '/huge', '/page']) found[path] = await outcomeOf(pub.origin + path, way);
    expect(found).toEqual({
      '/to': 'failed BLOCKED_ADDRESS',
      '/loop': 'failed REDIRECT_LIMIT',
      '/pdf': 'failed UNSUPPORTED_CONTENT_TYPE',
      '/huge': 'failed TOO_LARGE',
      '/page': 'completed',
    });
    expect(canary.connections()).toBe(0);
  }, 170_000);
});

/** Everything that descends from a process, by the parents that /proc tells. */
function descendants(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it ended while it was looked at
    }
  }
  const found = [ancestor];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found.slice(1);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.runIf(executablePath !== null && process.platform === 'linux')('the browser of a worker that was killed', () => {
  it.each([
    ['in a loop without end', '/loops', 'for (;;);'],
    ['that asks before it leaves', '/stays', 'onbeforeunload = () => { for (;;); }; setInterval(() => alert(1))'],
  ])(
    'is gone, with a page %s',
    async (_what, path, code) => {
      routes = { '/robots.txt': robots, [path]: html(`<p>${TEXT}</p><script>fetch('/arrived').finally(() => { ${code} })</script>`) };
      pub.hits.length = 0;
      const { id } = await gleaner.client.startJob({ kind: 'extract', input: { url: `${pub.origin}${path}`, render: 'always' } });
      await waitUntil(async () => pub.hits.includes('/arrived'), 60_000);
      const worker = (await gleaner.pids())['worker-browser'] ?? 0;
      const family = descendants(worker);
      expect(family.length).toBeGreaterThan(1);
      kill(worker);
      await waitUntil(async () => !family.some(isRunning), 20_000);
      await gleaner.client.cancel(id);
      await waitUntil(async () => ((await gleaner.pids())['worker-browser'] ?? worker) !== worker, 60_000);
    },
    170_000,
  );
});
