/** Lints docs/openapi.json by Redocly's recommended rules, made strict: a warning fails too. Offline: nothing is resolved from elsewhere. */
import { readFile } from 'node:fs/promises';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const PATH = new URL('../../docs/openapi.json', import.meta.url);

const config = await createConfig({ extends: ['recommended-strict'] });
const problems = await lintFromString({ source: await readFile(PATH, 'utf8'), absoluteRef: PATH.pathname, config });
for (const { ruleId, message, location } of problems) console.error(`${location[0]?.pointer ?? '#/'} ${ruleId}: ${message}`);
process.exitCode = problems.length > 0 ? 1 : 0;
