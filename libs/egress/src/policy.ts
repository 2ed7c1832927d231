import { Fault } from '@gleaner/domain';
import { isLoopbackAddress, isPublicAddress, literalAddress } from './address.js';
import { type EgressTarget, parseAllowList, targetKey, targetOf } from './allow-list.js';

const PUBLIC_PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);

export interface EgressPolicyOptions {
  /** Exact private targets that may be reached: `HOST` or `HOST:PORT`. */
  readonly allowPrivate: readonly string[];
  /** Ports of this system's own services: never reached on this machine, not even when listed. */
  readonly ownPorts?: readonly number[];
}

/** Decides, without any I/O, what may leave. Every check returns when allowed and throws a Fault BLOCKED_* when not. */
export interface EgressPolicy {
  /** Scheme, port and literal address of a URL. Names pass here; their addresses are checked when a connection is made. */
  checkUrl(url: URL): void;
  /** Port and literal address. */
  checkTarget(target: EgressTarget): void;
  /** All resolved addresses of a target: one bad answer refuses them all. The text never tells which address it was. */
  checkAddresses(target: EgressTarget, addresses: readonly string[]): void;
  /** True when the operator listed exactly this host and port. */
  isListed(target: EgressTarget): boolean;
  /** The same policy with more ports of its own. */
  withOwnPorts(ports: readonly number[]): EgressPolicy;
}

function blockedAddress(target: EgressTarget): Fault {
  return new Fault('BLOCKED_ADDRESS', {
    detail: `${targetKey(target)} is not a public address and is not listed as a private target: --allow HOST:PORT lists it`,
  });
}

function blockedPort(target: EgressTarget): Fault {
  return new Fault('BLOCKED_PORT', { detail: `port ${target.port} of ${target.hostname} is not open to fetches` });
}

/** Names that mean this machine wherever they are resolved (RFC 6761 §6.3). */
function isLocalName(hostname: string): boolean {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  return name === 'localhost' || name.endsWith('.localhost');
}

/** @throws TypeError when an entry of the allow list is not `HOST` or `HOST:PORT`. */
export function createEgressPolicy(options: EgressPolicyOptions): EgressPolicy {
  const listed = parseAllowList(options.allowPrivate);
  const ownPorts: ReadonlySet<number> = new Set(options.ownPorts ?? []);

  const isListed = (target: EgressTarget): boolean => listed.has(targetKey(target));

  function checkTarget(target: EgressTarget): void {
    const literal = literalAddress(target.hostname);
    const isOwnMachine = isLocalName(target.hostname) || (literal !== null && isLoopbackAddress(literal));
    if (isOwnMachine && ownPorts.has(target.port)) throw blockedPort(target);
    if (isListed(target)) return;
    // The address comes first: a private target on an odd port is told to be private.
    if (isLocalName(target.hostname) || (literal !== null && !isPublicAddress(literal))) throw blockedAddress(target);
    if (!PUBLIC_PORTS.has(target.port)) throw blockedPort(target);
  }

  function checkAddresses(target: EgressTarget, addresses: readonly string[]): void {
    if (ownPorts.has(target.port) && addresses.some(isLoopbackAddress)) throw blockedPort(target);
    if (isListed(target)) return;
    if (addresses.length === 0 || !addresses.every(isPublicAddress)) throw blockedAddress(target);
  }

  return {
    checkUrl(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw new Fault('BLOCKED_SCHEME', { detail: `${url.protocol} is not fetched, only http: and https:` });
      }
      checkTarget(targetOf(url));
    },
    checkTarget,
    checkAddresses,
    isListed,
    withOwnPorts: (ports) => createEgressPolicy({ ...options, ownPorts: [...ownPorts, ...ports] }),
  };
}
