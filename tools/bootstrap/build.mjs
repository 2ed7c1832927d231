import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './failure.mjs';
import { filesBelow, fingerprint, workspaceFolders } from './fingerprint.mjs';
import { environmentFor } from './packages.mjs';
import { lastLine, run } from './subprocess.mjs';

const BUILD_TIMEOUT_MS = 5 * 60_000;
const MAX_SHOWN_LINES = 30;
const BUNDLER = join('apps', 'workers', 'dist', 'bundle.js');
const BUNDLE = join('apps', 'workers', 'dist', 'workflow-bundle.js');

const stampPath = (root) => join(root, '.cache', 'build-stamp');

function stampOf(root) {
  const folders = workspaceFolders(root);
  const sources = folders.flatMap((folder) => [`${folder}/package.json`, `${folder}/tsconfig.json`, ...filesBelow(root, `${folder}/src`)]);
  return fingerprint(root, ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json', ...sources]);
}

/** Whether what was built last is of the sources as they are now, and still there. */
export function isBuilt(root) {
  try {
    if (readFileSync(stampPath(root), 'utf8') !== stampOf(root)) return false;
  } catch {
    return false;
  }
  const isThere = (folder) => !existsSync(join(root, folder, 'tsconfig.json')) || existsSync(join(root, folder, 'dist'));
  return workspaceFolders(root).every(isThere) && (!existsSync(join(root, BUNDLER)) || existsSync(join(root, BUNDLE)));
}

/**
 * Compiles all workspaces and bundles the workflows, when a source changed since the last time.
 * @param {{ root: string, node: string, report: ReturnType<import('./report.mjs').createReport>, environment: NodeJS.ProcessEnv, write?: (text: string) => void }} options
 */
export async function build({ root, node, report, environment, write = (text) => process.stderr.write(text) }) {
  if (isBuilt(root)) return;
  const stamp = stampOf(root);
  const options = { cwd: root, env: environmentFor(node, environment), timeoutMs: BUILD_TIMEOUT_MS };
  await report.step('building', async () => {
    const compiled = await run(node, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b'], options);
    if (compiled.code !== 0) {
      write(`\n${(compiled.stdout + compiled.stderr).split('\n').slice(0, MAX_SHOWN_LINES).join('\n')}\n`);
      throw new Failure('the sources do not compile: mend what is listed above');
    }
    if (!existsSync(join(root, BUNDLER))) return true;
    const bundled = await run(node, [BUNDLER], options);
    if (bundled.code !== 0) {
      write(`\n${(bundled.stdout + bundled.stderr).split('\n').slice(-MAX_SHOWN_LINES).join('\n')}\n`);
      throw new Failure(`the workflows could not be bundled: ${lastLine(bundled.stderr)}`);
    }
    return true;
  });
  mkdirSync(dirname(stampPath(root)), { recursive: true });
  writeFileSync(stampPath(root), stamp);
}
