import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** By version: the package runs whatever lies under its name in the temporary folder. */
const FOLDER = join(homedir(), '.cache', 'gleaner', 'test-chromium-153.0.0');

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Unpacks into a folder of its own and then moves it to its place at once: test files start at the same time. */
async function unpack(): Promise<void> {
  await mkdir(join(FOLDER, '..'), { recursive: true, mode: 0o700 });
  const own = await mkdtemp(`${FOLDER}-`);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = own; // the package reads it when it is imported
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
    await rename(own, FOLDER);
  } catch {
    await rm(own, { recursive: true, force: true }); // not installed, or another was first: the caller looks
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

/**
 * The Chromium that tests run: CHROMIUM_PATH, else the one of the npm package @sparticuz/chromium (Linux x64), unpacked once
 * into the user's cache; null where neither is there.
 */
export async function testChromium(): Promise<string | null> {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const path = join(FOLDER, 'chromium');
  if (!(await exists(path))) await unpack();
  return (await exists(path)) ? path : null;
}
