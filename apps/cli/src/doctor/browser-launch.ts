import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const TIMEOUT_MS = 30_000;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--remote-debugging-pipe'];
const EXPRESSION = `document.body.textContent = 'drawn by ' + 'script'; document.body.innerText`;
const MAX_STDERR_CHARS = 10_000;

/**
 * Starts a Chromium for a moment and lets a script draw an empty page: one without its libraries or fonts is found, and dies
 * with the first page. Gives null when it draws, else why not. Opens no address.
 */
export async function launchBrowser(path: string): Promise<string | null> {
  const profile = await mkdtemp(join(tmpdir(), 'gleaner-doctor-'));
  const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (part: Buffer) => (stderr = (stderr + part.toString()).slice(-MAX_STDERR_CHARS)));
  const ended = once(child, 'exit').then(
    () => `it ends at once${lastLine(stderr)}`,
    (error: unknown) => `it does not start: ${String(error)}`,
  );
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const late = once(timeout, 'abort').then(() => `no page within ${TIMEOUT_MS / 1_000} s${lastLine(stderr)}`);
  try {
    return await Promise.race([draw(child), ended, late]);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Over the pipe of the DevTools protocol: messages of JSON, each ended by a null. */
async function draw(child: ChildProcess): Promise<string | null> {
  const [, , , commands, answers] = child.stdio as unknown as [null, null, Readable, Writable, Readable];
  // A browser that died has no pipe; its end is told by its exit.
  commands.on('error', () => undefined);
  const waiting = new Map<number, (result: Readonly<Record<string, unknown>>) => void>();
  let text = '';
  answers
    .on('error', () => undefined)
    .on('data', (part: Buffer) => {
      const messages = (text + part.toString()).split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const { id = 0, result = {} } = JSON.parse(message) as { id?: number; result?: Readonly<Record<string, unknown>> };
        waiting.get(id)?.(result);
      }
    });
  let serial = 0;
  const ask = (method: string, params: object, sessionId?: unknown): Promise<Readonly<Record<string, unknown>>> =>
    new Promise((resolve) => {
      const id = ++serial;
      waiting.set(id, resolve);
      commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  const { targetId } = await ask('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true });
  const { result } = await ask('Runtime.evaluate', { expression: EXPRESSION }, sessionId);
  return (result as { value?: unknown } | undefined)?.value === 'drawn by script' ? null : 'it starts and draws nothing';
}

function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1);
  return line === undefined || line === '' ? '' : `: ${line.slice(0, 200)}`;
}
