/** The command as people run it, on the running system: on a terminal, into a pipe, over a restart of the API. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, kill, startGleaner, waitUntil } from '../support/gleaner.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
/** Runs a command on a terminal of its own (util-linux). */
const SCRIPT = '/usr/bin/script';

let site: FixtureSite;
let gleaner: Gleaner;
beforeAll(async () => {
  site = await startFixtureSite();
  gleaner = await startGleaner({ allow: [site.address] });
});
afterAll(async () => {
  await gleaner?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = (program: string, parameters: readonly string[]): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(program, parameters, { timeout: 120_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
  });
const command = (...parameters: string[]): Promise<Answer> => run(process.execPath, [MAIN, ...parameters, '--data', gleaner.folder]);

describe('gleaner', () => {
  it.skipIf(!existsSync(SCRIPT))('draws several jobs in place on a terminal', async () => {
    const urls = [1, 2, 3].map((n) => `${site.url}/news/story-${n}`).concat(`${site.url}/nowhere`);
    const line = [process.execPath, MAIN, 'extract', ...urls, '--data', gleaner.folder].join(' ');
    const { out, code } = await run(SCRIPT, ['-qec', `stty cols 100 rows 40; exec ${line} >/dev/null`, '/dev/null']);
    expect(code).toBe(1);
    // Erased and drawn again, not scrolled.
    expect(out).toContain('\u001b[2K');
    const shown = stripVTControlCharacters(out);
    expect(shown).toContain('0 of 4 pages');
    expect(shown).toMatch(/4 of 4 pages {2}1 failed {2}[\d.]+\/s/);
    expect(shown).toMatch(/fetch \d, .*store 3/);
    expect(shown).toMatch(/✘ HTTP_404 http:\/\/127\.0\.0\.1:\d+\/nowhere/);
  });

  it('prints results into a pipe, in order, and says what failed', async () => {
    const { code, out, err } = await command('extract', `${site.url}/news/story-4`, `${site.url}/nowhere`, `${site.url}/news/story-5`);
    expect(code).toBe(1);
    expect(out.indexOf(markOf(4))).toBeLessThan(out.indexOf(markOf(5)));
    expect(err).toContain('(HTTP_404)');
    expect(out + err).not.toContain('\u001b');
    const failed = await command('jobs', '--state', 'failed', '--json');
    const [job] = JSON.parse(failed.out) as { id: string }[];
    const retried = JSON.parse((await command('retry', job?.id ?? '', '--json')).out) as { id: string; retryOf: string };
    expect(retried.retryOf).toBe(job?.id);
    expect((await command('watch', retried.id)).code).toBe(1);
  });

  it('goes on watching after the API was killed and came back', async () => {
    const hold = site.hold('/news/story-6');
    const job = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-6` } });
    await hold.arrived;
    const watching = spawn(process.execPath, [MAIN, 'watch', job.id, '--data', gleaner.folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(watching, 'exit');
    let err = '';
    watching.stderr.on('data', (part: Buffer) => (err += part.toString()));
    await waitUntil(async () => err.includes('job.started'), 60_000);
    const { api } = await gleaner.pids();
    kill(api ?? 0);
    await waitUntil(async () => err.includes('connection lost'), 60_000);
    hold.release();
    expect((await ended)[0]).toBe(0);
    const numbers = err.match(/(?<=Z )\d+(?= )/g)?.map(Number);
    expect(numbers).toEqual(numbers?.map((_, index) => index + 1));
    expect(err.trim().split('\n').at(-1)).toContain('job.completed');
  });

  it('decides about versions', async () => {
    const { templates } = JSON.parse((await command('sites', site.address, '--json')).out) as { templates: { templateId: string }[] };
    const template = templates[0]?.templateId ?? '';
    expect((await command('sites', 'pin', site.address, template, '1')).out).toContain('version 1, active, pinned');
    expect((await command('sites', 'versions', site.address, template)).out).toMatch(/\n1 +active, pinned/);
    expect((await command('sites', 'pin', site.address, template, '99')).code).toBe(2);
  });

  it('finds nothing wrong with what runs', async () => {
    const { out } = await command('doctor', '--json');
    const { checks } = JSON.parse(out) as { checks: { name: string; isOk: boolean; detail: string }[] };
    expect(checks.filter(({ isOk }) => !isOk)).toEqual([]);
    expect(checks.find(({ name }) => name === 'Chromium')?.detail).toContain('draws a page');
    expect(checks.find(({ name }) => name === 'running system')?.detail).toContain(`supervised by ${gleaner.supervisor.pid}`);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['clock', 'cache folder', 'settings', '  pool fetch', '  pool workflows']),
    );
  });
});
