import { isExecutable } from '../cache.mjs';
import { Failure } from '../failure.mjs';
import { temporalVersionOf } from './version.mjs';

/** TEMPORAL_CLI is what the person chose: when it does not work the start ends instead of taking another one. */
export async function fromSetting({ environment }) {
  const path = environment.TEMPORAL_CLI;
  if (!path) return undefined;
  if (!(await isExecutable(path))) throw new Failure(`TEMPORAL_CLI=${path} is not an executable file: correct it or unset it`);
  if ((await temporalVersionOf(path)) === undefined)
    throw new Failure(`TEMPORAL_CLI=${path} does not answer \`--version\` as the Temporal CLI does: correct it or unset it`);
  return path;
}
