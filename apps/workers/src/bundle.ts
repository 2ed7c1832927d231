/** Builds the workflow bundle once, at build time: a worker then starts in half the time and needs no bundler. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

export const WORKFLOW_BUNDLE_PATH = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));

/** Compiled workflows in, one file of sandbox code out. Throws when anything in it does not resolve. */
export async function buildWorkflowBundle(): Promise<{ readonly code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(import.meta.resolve('@gleaner/workflows')),
    logger: new DefaultLogger('WARN'),
  });
  return { code };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code } = await buildWorkflowBundle();
  await mkdir(dirname(WORKFLOW_BUNDLE_PATH), { recursive: true });
  await writeFile(`${WORKFLOW_BUNDLE_PATH}.new`, code);
  await rename(`${WORKFLOW_BUNDLE_PATH}.new`, WORKFLOW_BUNDLE_PATH);
}
