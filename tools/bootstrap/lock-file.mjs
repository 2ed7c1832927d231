import { readFileSync } from 'node:fs';

/**
 * Whether package-lock.json has the native packages of this platform. Behind a registry that lacks other platforms' packages
 * npm leaves them out of the lock; installing from it elsewhere would silently lack the binaries. Covered means: of every
 * package that has locked parts for some platform, one for this platform is among them. A package with no locked part at all
 * was not to be had anywhere: that is not the platform's doing.
 * @param {string} text the lock file @param {string} platform @param {string} arch
 */
export function lockCovers(text, platform = process.platform, arch = process.arch) {
  const packages = JSON.parse(text).packages ?? {};
  const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)));
  const isForHere = (name) => new RegExp(`\\b${platform}-${arch}\\b`).test(name);
  return Object.values(packages).every((entry) => {
    const parts = Object.keys(entry.optionalDependencies ?? {});
    const partsForHere = parts.filter(isForHere);
    return partsForHere.length === 0 || partsForHere.some((name) => locked.has(name)) || !parts.some((name) => locked.has(name));
  });
}

/** @returns {string | undefined} undefined when there is no lock file */
export function readLockFile(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
