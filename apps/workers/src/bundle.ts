/** Builds the workflow bundles once, at build time: a worker then starts in half the time and needs no bundler. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

export const WORKFLOW_BUNDLE_PATH = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
/** The same workflows with the interceptors that pass the trace on; chosen at start when tracing is on. */
export const TRACED_BUNDLE_PATH = fileURLToPath(new URL('./workflow-bundle-traced.js', import.meta.url));

/** Compiled workflows in, one file of sandbox code out. Throws when anything in it does not resolve. */
export async function buildWorkflowBundle({ traced }: { readonly traced: boolean }): Promise<{ readonly code: string }> {
  const interceptors = traced ? (await import('@gleaner/telemetry/tracing')).WORKFLOW_INTERCEPTORS : [];
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(import.meta.resolve('@gleaner/workflows')),
    workflowInterceptorModules: [...interceptors],
    logger: new DefaultLogger('WARN'),
  });
  return { code };
}

async function write(path: string, traced: boolean): Promise<void> {
  const { code } = await buildWorkflowBundle({ traced });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, code);
  await rename(`${path}.new`, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await write(TRACED_BUNDLE_PATH, true);
  // Last: what looks for a finished build looks for this one.
  await write(WORKFLOW_BUNDLE_PATH, false);
}
