/** The whole system on a throw-away data folder and free ports, as `npm start -- --no-demo` runs it. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SUPERVISOR = fileURLToPath(new URL('../apps/supervisor/dist/main.js', import.meta.url));

/** `folder`: one that was used before; it is kept at the end. */
export async function startSystem(allow, { folder: given } = {}) {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'gleaner-bench-')));
  // A system that was killed left its own behind.
  await rm(join(folder, 'run', 'ready.json'), { force: true });
  const flags = ['--no-demo', '--quiet', '--port', '0', '--temporal-port', '0', '--data', folder, '--allow', allow];
  const child = spawn(process.execPath, [SUPERVISOR, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  const readyOrNull = () => readFile(join(folder, 'run', 'ready.json'), 'utf8').then(JSON.parse, () => null);
  let ready = null;
  while (ready === null) {
    if (child.exitCode !== null) throw new Error(`the start ended with ${child.exitCode}`);
    await delay(100);
    ready = await readyOrNull();
  }
  const key = (await readFile(join(folder, 'admin.key'), 'utf8')).trim();
  const stop = async () => {
    child.kill('SIGINT');
    await new Promise((resolve) => child.on('exit', resolve));
    if (given === undefined) await rm(folder, { recursive: true, force: true });
  };
  return { folder, ready, key, stop, supervisor: child };
}
