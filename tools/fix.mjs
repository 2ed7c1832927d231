/** Formats, applies safe lint fixes and generates the documents that are generated. */
import { runSteps, script, tool } from './quality/steps.mjs';

const failed = await runSteps({ lint: tool('oxlint', '--fix'), format: tool('oxfmt'), documents: script('tools/docs.mjs') });
process.exitCode = failed.length === 0 ? 0 : 1;
