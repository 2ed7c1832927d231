import { delimiter, join } from 'node:path';
import { isExecutable } from '../cache.mjs';
import { isBrowser } from './verify.mjs';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPLICATIONS = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** A browser that is installed: by its command on the PATH, on macOS also by the folder of its application. */
export async function fromSystem({ environment, platform, home }) {
  const folders = (environment.PATH ?? '').split(delimiter).filter((entry) => entry !== '');
  const commands = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
  const applications =
    platform === 'darwin'
      ? ['/Applications', join(home, 'Applications')].flatMap((folder) => MAC_APPLICATIONS.map((path) => join(folder, path)))
      : [];
  for (const path of [...commands, ...applications]) {
    if ((await isExecutable(path)) && (await isBrowser(path))) return path;
  }
  return undefined;
}
