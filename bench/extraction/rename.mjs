import { createHash } from 'node:crypto';

/** Every class and id under another name that says nothing; the same name stays the same within a page. */
export function renameNames(html, salt = 'a') {
  const other = (name) =>
    `x${createHash('sha256')
      .update(salt + name)
      .digest('hex')
      .slice(0, 8)}`;
  return html.replace(/(\s(?:class|id)\s*=\s*)("([^"]*)"|'([^']*)'|([^\s>"']+))/gi, (...groups) => {
    const [, head, , double, single, bare] = groups;
    const names = (double ?? single ?? bare ?? '').split(/\s+/).filter(Boolean);
    return `${head}"${names.map(other).join(' ')}"`;
  });
}
