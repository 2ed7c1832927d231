import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Unpacked by version: the package runs whatever lies under its name in the temporary folder. */
const UNPACK_FOLDER = ['.cache', 'gleaner-dev', 'chromium-153.0.0'];

/**
 * The Chromium that tests run: CHROMIUM_PATH, else the one of the npm package @sparticuz/chromium (Linux x64), unpacked into a
 * private folder; null where neither is there.
 */
export async function testChromium(): Promise<string | null> {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return given;
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = join(homedir(), ...UNPACK_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder; // the package reads it when it is imported
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    const path = await chromium.executablePath();
    await access(path);
    return path;
  } catch {
    return null; // an optional package: where it is not installed there is no browser
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
