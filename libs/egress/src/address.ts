import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Azure's platform services answer on this address: a public number that is not a public place. */
const PLATFORM_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

/** 2000::/3, the only block from which global unicast addresses are given out (RFC 4291, IANA registry). */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
/** The well-known NAT64 prefix (RFC 6052): networks without IPv4 reach public IPv4 hosts through it. */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/** The literal address that a URL host is, without brackets; null when it is a name. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return bare.includes('%') || isIP(bare) !== 0 ? bare : null;
}

function isPublicIPv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !PLATFORM_ADDRESSES.has(address.toString());
}

/**
 * True when the address is a place on the public Internet. IPv4 inside IPv6 is judged by the inner address for the two
 * forms that real networks use (v4-mapped, NAT64); 6to4, Teredo, the local NAT64 prefix 64:ff9b:1::/48 and the obsolete
 * ::/96 are refused whatever they hold. Scope ids and everything that is not an address are refused.
 */
export function isPublicAddress(text: string): boolean {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return false;
  if (family === 4) return isPublicIPv4(ipaddr.IPv4.parse(text));
  const address = ipaddr.IPv6.parse(text);
  if (address.isIPv4MappedAddress()) return isPublicIPv4(address.toIPv4Address());
  if (address.match(NAT64)) return isPublicIPv4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast';
}

/** True for 127.0.0.0/8, ::1, their v4-mapped forms and the unspecified addresses, which also reach this machine. */
export function isLoopbackAddress(text: string): boolean {
  if (isIP(text) === 0) return false;
  const range = ipaddr.process(text.split('%', 1)[0] ?? text).range();
  return range === 'loopback' || range === 'unspecified';
}
