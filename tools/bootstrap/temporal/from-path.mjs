import { delimiter, join } from 'node:path';
import { isExecutable } from '../cache.mjs';
import { MINIMUM_TEMPORAL_VERSION, isAtLeast, temporalVersionOf } from './version.mjs';

/** `temporal` on the PATH; one that is too old is named and passed over. */
export async function fromPath({ environment, report }) {
  for (const folder of (environment.PATH ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, 'temporal');
    if (!(await isExecutable(path))) continue;
    const version = await temporalVersionOf(path);
    if (version !== undefined && isAtLeast(version, MINIMUM_TEMPORAL_VERSION)) return path;
    report.note(
      `${path} ${version === undefined ? 'does not answer --version' : `is ${version}, older than ${MINIMUM_TEMPORAL_VERSION}`}: passed over`,
    );
  }
  return undefined;
}
