import { existsSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isExecutable, placeAtomically } from '../cache.mjs';
import { withLock } from '../lock.mjs';
import { run } from '../subprocess.mjs';
import { rendersPage } from './verify.mjs';

const PACKAGE = join('node_modules', '@sparticuz', 'chromium');
const UNPACK = fileURLToPath(new URL('./unpack-package.mjs', import.meta.url));

function findPackage(root) {
  return [join(root, PACKAGE), join(root, 'libs', 'activities', PACKAGE)].find((folder) => existsSync(join(folder, 'package.json')));
}

/**
 * The npm package `@sparticuz/chromium`, Linux x64 only, unpacked once into the cache. What is returned is a short script
 * that sets the paths of the libraries and fonts that came with it, and becomes the browser.
 */
export async function fromPackage({ root, cache, node, platform, arch, environment, report }) {
  const source = platform === 'linux' && arch === 'x64' ? findPackage(root) : undefined;
  if (source === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const folder = join(cache, `chromium-${version}-${platform}-${arch}`);
  const path = join(folder, 'start-chromium');
  if (await isExecutable(path)) return path;
  return withLock(join(cache, 'chromium.lock'), async () => {
    if (await isExecutable(path)) return path;
    return report.step(`unpacking Chromium ${version}`, () =>
      placeAtomically(folder, (temporary) => unpack({ temporary, folder, source, node, root, environment })),
    );
  });
}

async function unpack({ temporary, folder, source, node, root, environment }) {
  await chmod(temporary, 0o700);
  const {
    AWS_EXECUTION_ENV: _lambda,
    AWS_LAMBDA_JS_RUNTIME: _runtime,
    CODEBUILD_BUILD_IMAGE: _image,
    VERCEL: _vercel,
    ...plain
  } = environment;
  const unpacked = await run(node, [UNPACK, source], { env: { ...plain, TMPDIR: temporary }, timeoutMs: 120_000 });
  if (unpacked.code !== 0) return undefined;
  // The system's own libraries fit better; those of the package serve where the system has none.
  for (const withLibraries of [false, true]) {
    await writeStarter(temporary, temporary, withLibraries);
    if (!(await rendersPage(join(temporary, 'start-chromium'), { node, root, environment: plain }))) continue;
    await writeStarter(temporary, folder, withLibraries);
    await writeFontsConfiguration(temporary, folder);
    return join(folder, 'start-chromium');
  }
  return undefined;
}

const quote = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The package's own fonts.conf looks in /tmp and in the folders of a cloud function. */
async function writeFontsConfiguration(at, home) {
  const text = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${home}/fonts/fonts</dir>
  <cachedir>${home}/fonts-cache</cachedir>
</fontconfig>
`;
  await writeFile(join(at, 'fonts', 'fonts.conf'), text);
}

async function writeStarter(at, home, withLibraries) {
  const lines = ['#!/bin/sh', `home=${quote(home)}`];
  if (withLibraries) lines.push('export LD_LIBRARY_PATH="$home/al2023/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"');
  lines.push('[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="$home/fonts"', 'exec "$home/chromium" "$@"', '');
  await writeFile(join(at, 'start-chromium'), lines.join('\n'), { mode: 0o700 });
}
