import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChildPlan } from './child.js';
import { commandLineOf } from './orphans.js';
import { Family } from './family.js';
import { RunFolder } from './run-folder.js';
import { listenForStop } from './stop-signals.js';

let folder: string;
let family: Family | undefined;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gleaner-family-'));
  mkdirSync(join(folder, 'run'));
  mkdirSync(join(folder, 'logs'));
  warnings = [];
});
afterEach(async () => {
  family?.kill();
  await family?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const GOOD = "process.on('SIGTERM', () => { note(name + ' stops'); setTimeout(() => { note(name + ' ended'); process.exit(0); }, 20); });";
const DEAF = "process.on('SIGTERM', () => {});";

function plan(name: string, script: string): ChildPlan {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `import { appendFileSync } from 'node:fs'; const name = ${JSON.stringify(name)};
const note = (text) => appendFileSync(${JSON.stringify(join(folder, 'story'))}, text + '\\n');
${script}
process.send?.({ type: 'ready' }); setInterval(() => {}, 1000);`,
  );
  return { name, command: process.execPath, parameters: [path], environment: process.env, hasChannel: true, stopDeadlineMs: 500 };
}

function createFamily(scripts: Record<string, string> = {}): Family {
  const of = (name: string) => plan(name, scripts[name] ?? GOOD);
  const plans = { temporal: of('temporal'), database: of('database'), api: of('api'), workers: [of('worker-io'), of('worker-cpu')] };
  family = new Family(plans, {
    run: new RunFolder(join(folder, 'run')),
    logFolder: join(folder, 'logs'),
    warn: (line) => warnings.push(line),
    onChange: () => undefined,
  });
  return family;
}

async function startAll(created: Family): Promise<void> {
  for (const child of created.all) child.start();
  await Promise.all(created.all.map((child) => child.ready));
}

describe('Family', () => {
  it('stops workers first, then API, database and Temporal, and leaves nothing', async () => {
    const created = createFamily();
    await startAll(created);
    const pids = Object.values(created.pids());
    expect(new RunFolder(join(folder, 'run')).pids()).toEqual(created.pids());
    await created.stop();
    const story = readFileSync(join(folder, 'story'), 'utf8').trim().split('\n');
    expect(story.slice(0, 4).every((line) => line.startsWith('worker-'))).toBe(true);
    expect(story.slice(4)).toEqual(['api stops', 'api ended', 'database stops', 'database ended', 'temporal stops', 'temporal ended']);
    expect(pids.map(commandLineOf)).toEqual(pids.map(() => ''));
    expect(new RunFolder(join(folder, 'run')).pids()).toEqual({});
  });

  it('kills a child that does not end in time', async () => {
    const created = createFamily({ api: DEAF });
    await startAll(created);
    await created.stop();
    expect(created.pids()).toEqual({});
  });

  it('starts a child again that was killed, with a new pid file', async () => {
    const created = createFamily();
    await startAll(created);
    created.settle();
    const first = created.api.pid as number;
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(new RunFolder(join(folder, 'run')).pids()['api'] ?? first).not.toBe(first), 10_000);
    expect(warnings).toEqual(['api died (SIGKILL); starting it again']);
  });

  it('gives up a first start when a child keeps dying', async () => {
    const created = createFamily({ api: "console.error('no such table'); process.exit(3);" });
    created.api.start();
    await vi.waitFor(() => expect(created.failed.aborted).toBe(true), 10_000);
    expect(String(created.failed.reason)).toMatch(/api died 3 times \(code 3\): no such table; see .*api\.log/);
  });

  it('ends at once when a child asks for a person', async () => {
    const created = createFamily({ database: "console.error('written by a newer version'); process.exit(78);" });
    created.settle();
    created.database?.start();
    await vi.waitFor(() => expect(created.failed.aborted).toBe(true), 10_000);
    expect(String(created.failed.reason)).toMatch(/database cannot go on: written by a newer version/);
    expect(warnings).toEqual(['database: written by a newer version']);
  });
});

describe('listenForStop', () => {
  it('takes the same signal twice in two seconds for one, and a later one as force', () => {
    const source = new EventEmitter();
    let now = 0;
    const stop = listenForStop(source, () => now);
    const force = vi.fn<() => void>();
    stop.onForce(force);
    source.emit('SIGINT');
    now = 1_900;
    source.emit('SIGINT');
    expect([stop.signal.aborted, force.mock.calls.length]).toEqual([true, 0]);
    now = 2_100;
    source.emit('disconnect');
    source.emit('SIGTERM');
    expect(force).toHaveBeenCalledOnce();
  });
});
