import { isExecutable } from '../cache.mjs';
import { Failure } from '../failure.mjs';
import { isBrowser } from './verify.mjs';

/** CHROMIUM_PATH is what the person chose: when it does not work the start ends instead of taking another one. */
export async function fromSetting({ environment }) {
  const path = environment.CHROMIUM_PATH;
  if (!path) return undefined;
  if (!(await isExecutable(path))) throw new Failure(`CHROMIUM_PATH=${path} is not an executable file: correct it or unset it`);
  if (!(await isBrowser(path)))
    throw new Failure(`CHROMIUM_PATH=${path} does not answer \`--version\` as Chromium does: correct it or unset it`);
  return path;
}
