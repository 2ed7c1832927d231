import { getDomain } from 'tldts';

/** `example.co.uk` of `www.example.co.uk`, by the public suffix list with its private part; null for addresses and single names. */
export function registrableDomain(hostname: string): string | null {
  return getDomain(hostname, { allowPrivateDomains: true });
}
