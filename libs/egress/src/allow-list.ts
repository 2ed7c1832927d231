/** A host exactly as the WHATWG parser writes it (lower case, IDNA, brackets around IPv6), and a port. */
export interface EgressTarget {
  readonly hostname: string;
  readonly port: number;
}

const DEFAULT_PORTS: readonly number[] = [80, 443];
const ENTRY = /^(\[[^\]\s]+\]|[^:/?#@\s]+)(?::(\d{1,5}))?$/;

export function targetKey(target: EgressTarget): string {
  return `${target.hostname}:${target.port}`;
}

/** The target of a URL, with the default port of its scheme made explicit. */
export function targetOf(url: URL): EgressTarget {
  if (url.port !== '') return { hostname: url.hostname, port: Number(url.port) };
  return { hostname: url.hostname, port: url.protocol === 'https:' ? 443 : 80 };
}

/** `HOST:PORT` as CONNECT and the allow list write it; null when it is not exactly that. */
export function parseAuthority(text: string): { readonly hostname: string; readonly port: number | null } | null {
  const match = ENTRY.exec(text);
  const host = match?.[1];
  if (host === undefined || !URL.canParse(`http://${host}/`)) return null;
  const port = match?.[2] === undefined ? null : Number(match[2]);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  return { hostname: new URL(`http://${host}/`).hostname, port };
}

/**
 * Keys of what the operator listed. `HOST:PORT` names that host and port, `HOST` its ports 80 and 443; nothing else:
 * no ranges, no wildcards, no other spelling or name of the same machine.
 * @throws TypeError for an entry that is neither.
 */
export function parseAllowList(entries: readonly string[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const entry of entries) {
    const authority = parseAuthority(entry.trim());
    if (authority === null || authority.hostname.includes('*')) throw new TypeError(`"${entry}" is not HOST or HOST:PORT`);
    const ports = authority.port === null ? DEFAULT_PORTS : [authority.port];
    for (const port of ports) keys.add(targetKey({ hostname: authority.hostname, port }));
  }
  return keys;
}
