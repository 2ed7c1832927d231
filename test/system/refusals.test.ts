/** What stops a start: one clear line that says what to do, and exit code 1. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSupervisor } from '../support/run-supervisor.js';

let folder: string;
let taken: Server;
let takenPort: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-refusals-'));
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  takenPort = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  taken.close();
  await rm(folder, { recursive: true, force: true });
});

const freePorts = ['--no-demo', '--port', '0', '--temporal-port', '0'];

async function expectRefusal(ended: Promise<{ code: number; stderr: string }>, says: RegExp): Promise<void> {
  const { code, stderr } = await ended;
  expect(stderr.trim()).toMatch(says);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
}

describe('a start is refused', () => {
  it('when a port is taken', () =>
    expectRefusal(
      runSupervisor(['--no-demo', '--port', String(takenPort), '--temporal-port', '0', '--data', join(folder, 'a')]),
      new RegExp(`${takenPort}.*--port`),
    ));

  it("when Temporal's port is taken", () =>
    expectRefusal(
      runSupervisor(['--no-demo', '--port', '0', '--temporal-port', String(takenPort), '--data', join(folder, 'b')]),
      new RegExp(`${takenPort}.*--temporal-port`),
    ));

  it('when the data folder cannot be one', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expectRefusal(runSupervisor([...freePorts, '--data', join(file, 'data')]), /data folder|--data/);
  });

  it('when a setting is unknown', () =>
    expectRefusal(
      runSupervisor([...freePorts, '--data', join(folder, 'c')], { GLEANER_PROT: '1' }),
      /GLEANER_PROT.*did you mean GLEANER_PORT/,
    ));

  it('when a setting is wrong', () =>
    expectRefusal(
      runSupervisor([...freePorts, '--data', join(folder, 'd')], { GLEANER_POOL_FETCH_SIZE: 'many' }),
      /GLEANER_POOL_FETCH_SIZE.*1.*500/,
    ));

  it('when a flag is unknown', () => expectRefusal(runSupervisor(['--prot']), /--prot/));

  it('when a tool is missing', () =>
    expectRefusal(runSupervisor([...freePorts, '--data', join(folder, 'e')], { TEMPORAL_CLI: join(folder, 'nowhere') }), /[Tt]emporal/));
});
