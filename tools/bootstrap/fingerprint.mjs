import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of npm's workspaces, `libs/x` and `apps/y`, that have a package.json. */
export function workspaceFolders(root) {
  const found = [];
  for (const room of ['apps', 'libs']) {
    for (const entry of readFolder(join(root, room))) {
      if (entry.isDirectory() && readFolder(join(root, room, entry.name)).some((file) => file.name === 'package.json'))
        found.push(`${room}/${entry.name}`);
    }
  }
  return found.toSorted(byName);
}

/** The same on every machine, whatever its language. */
const byName = (left, right) => (left < right ? -1 : Number(left > right));

function readFolder(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Every file below a folder, as paths relative to root, sorted. */
export function filesBelow(root, folder) {
  const found = [];
  for (const entry of readFolder(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesBelow(root, path));
    else found.push(path);
  }
  return found.toSorted(byName);
}

/**
 * SHA-256 over names and contents: times of files change with every checkout, contents do not.
 * @param {string} root @param {readonly string[]} paths relative; a missing file counts as such @param {readonly string[]} facts
 */
export function fingerprint(root, paths, facts = []) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const path of paths) {
    let content;
    try {
      content = readFileSync(join(root, path));
    } catch {
      content = undefined;
    }
    hash.update(`${path}\0${content?.length ?? -1}\0`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest('hex');
}
