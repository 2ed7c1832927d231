import { run } from '../subprocess.mjs';

/** The version that is downloaded; any from MINIMUM on is used when it is there. */
export const TEMPORAL_VERSION = '1.8.2';
export const MINIMUM_TEMPORAL_VERSION = '1.5.1';

/** @returns {Promise<string | undefined>} what `temporal --version` says, or undefined when it is no Temporal CLI */
export async function temporalVersionOf(path, timeoutMs = 20_000) {
  const answer = await run(path, ['--version'], { timeoutMs });
  return answer.code === 0 ? /temporal version v?(\d+\.\d+\.\d+)/.exec(answer.stdout)?.[1] : undefined;
}

export function isAtLeast(version, minimum) {
  const left = version.split('.').map(Number);
  const right = minimum.split('.').map(Number);
  const index = left.findIndex((part, position) => part !== right[position]);
  return index < 0 || left[index] > right[index];
}
