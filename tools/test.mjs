/** Everything that CI runs: the static checks, then every test. Ends with the line `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'gleaner-test-'));
const reportPath = join(folder, 'report.json');
const summaryPath = join(folder, 'checks.txt');

const run = (script, args) =>
  new Promise((resolve) => spawn(process.execPath, [join(root, script), ...args], { cwd: root, stdio: 'inherit' }).on('close', resolve));

const filters = process.argv.slice(2);
const checked = filters.length > 0 ? 0 : await run('tools/check.mjs', ['--summary', summaryPath]);
const tested = await run('node_modules/vitest/vitest.mjs', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportPath}`,
  ...filters,
]);
const report = await readFile(reportPath, 'utf8').then(JSON.parse, () => ({ numPassedTests: 0, numFailedTests: 1 }));
const badChecks = await readFile(summaryPath, 'utf8').catch(() => '');
await rm(folder, { recursive: true, force: true });
if (checked !== 0) console.log(`Checks that failed, with their output at the top: ${badChecks}`);
const failed = report.numFailedTests + (tested !== 0 && report.numFailedTests === 0 ? 1 : 0) + (checked !== 0 ? 1 : 0);
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 && report.numPassedTests > 0 ? 0 : 1;
