/** All static checks: format, lint with size budgets, rooms, dead code, duplicates, types of tests, generated documents. */
import { writeFileSync } from 'node:fs';
import { runSteps, script, tool } from './quality/steps.mjs';

const failed = await runSteps({
  format: tool('oxfmt', '--check'),
  lint: tool('oxlint', '--deny-warnings'),
  rooms: tool('depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'libs'),
  'dead code': tool('knip'),
  duplicates: tool('jscpd', '--config', '.jscpd.json'),
  types: tool('tsc', '-p', 'tsconfig.test.json'),
  documents: script('tools/docs.mjs', '--check'),
  openapi: script('tools/quality/lint-openapi.mjs'),
  compose: script('tools/quality/check-compose.mjs'),
});
const summaryPath = process.argv[process.argv.indexOf('--summary') + 1];
if (process.argv.includes('--summary')) writeFileSync(summaryPath, failed.join(', '));
process.exitCode = failed.length === 0 ? 0 : 1;
