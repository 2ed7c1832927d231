import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Failure, reasonOf } from './failure.mjs';
import { fingerprint, workspaceFolders } from './fingerprint.mjs';
import { lockCovers, readLockFile } from './lock-file.mjs';
import { npmProblem } from './npm.mjs';
import { run } from './subprocess.mjs';

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/** Node 24 first on the PATH; packages that would fetch more in an install script are told not to. */
export function environmentFor(node, environment) {
  return { ...environment, PATH: `${dirname(node)}${delimiter}${environment.PATH ?? ''}`, ONNXRUNTIME_NODE_INSTALL: 'skip' };
}

const stampPath = (root) => join(root, 'node_modules', '.gleaner-stamp');

function stampOf(root) {
  const manifests = ['package.json', ...workspaceFolders(root).map((folder) => `${folder}/package.json`)];
  return fingerprint(root, ['package-lock.json', ...manifests], ['node-24', process.platform, process.arch]);
}

/** Whether node_modules is what the manifests and the lock file ask for. */
export function arePackagesInstalled(root) {
  try {
    return readFileSync(stampPath(root), 'utf8') === stampOf(root);
  } catch {
    return false;
  }
}

/**
 * `npm install` under Node 24, without install scripts. The lock file is byte for byte the same afterwards.
 * @param {{ root: string, node: string, npm: () => string, report: ReturnType<import('./report.mjs').createReport>, environment: NodeJS.ProcessEnv }} options
 */
export async function installPackages({ root, node, npm, report, environment }) {
  if (arePackagesInstalled(root)) return;
  const lockPath = join(root, 'package-lock.json');
  const lock = readLockFile(lockPath);
  const isCovered = lock === undefined || lockCovers(lock);
  if (!isCovered) report.note(`package-lock.json has no binaries for ${process.platform} ${process.arch}: installing without it`);
  await report.step('installing packages (a minute or two the first time)', async () => {
    rmSync(stampPath(root), { force: true });
    const result = await npmInstall({ root, node, npm: npm(), environment, extra: isCovered ? [] : ['--no-package-lock'] });
    if (result.code !== 0) throw new Failure(npmProblem('the packages could not be installed', result.stderr));
    return true;
  });
  if (lock !== undefined && readLockFile(lockPath) !== lock) {
    writeFileSync(lockPath, lock);
    report.note('npm changed package-lock.json; it was put back');
  }
  try {
    mkdirSync(dirname(stampPath(root)), { recursive: true });
    writeFileSync(stampPath(root), stampOf(root));
  } catch (error) {
    throw new Failure(`cannot write to ${dirname(stampPath(root))} (${reasonOf(error)}): make the checkout writable`);
  }
}

async function npmInstall({ root, node, npm, environment, extra }) {
  const base = [npm, 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--include=dev', '--include=optional', ...extra];
  const options = { cwd: root, env: environmentFor(node, environment), timeoutMs: INSTALL_TIMEOUT_MS };
  const first = await run(node, [...base, '--prefer-offline'], options);
  // What npm remembers of the registry may be older than the lock file.
  return first.code !== 0 && /\b(ETARGET|E404|EINTEGRITY)\b/.test(first.stderr) ? run(node, base, options) : first;
}
