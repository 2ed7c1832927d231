import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../test/support/laws.js';
import { isLoopbackAddress, isPublicAddress, literalAddress } from './address.js';
import { parseAllowList, parseAuthority } from './allow-list.js';
import { createEgressPolicy } from './policy.js';

/** A second opinion on IPv4, from the table of special-purpose addresses (RFC 6890 and its registry) and nothing else. */
const NOT_PUBLIC: readonly (readonly [block: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['168.63.129.16', 32],
];

function asNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function isPublicByTable(number: number): boolean {
  return !NOT_PUBLIC.some(([block, bits]) => Math.floor(number / 2 ** (32 - bits)) === Math.floor(asNumber(block) / 2 ** (32 - bits)));
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** Any address, and often one at the edge of a block. */
const ipv4 = fc.oneof(
  fc.nat({ max: 2 ** 32 - 1 }),
  fc
    .tuple(fc.constantFrom(...NOT_PUBLIC), fc.boolean(), fc.integer({ min: -2, max: 2 }))
    .map(([[block, bits], isEnd, by]) => Math.min(2 ** 32 - 1, Math.max(0, asNumber(block) + (isEnd ? 2 ** (32 - bits) : 0) + by))),
);

describe('the rule about addresses', () => {
  it('agrees with the table for every IPv4', () => {
    holds(
      fc.property(ipv4, (number) => {
        expect([dotted(number), isPublicAddress(dotted(number))]).toEqual([dotted(number), isPublicByTable(number)]);
      }),
      { runs: 2_000 },
    );
  });

  it('judges IPv4 inside IPv6 by the inner address, or refuses it', () => {
    const hex = (number: number): string => `${Math.floor(number / 65_536).toString(16)}:${(number % 65_536).toString(16)}`;
    holds(
      fc.property(ipv4, (number) => {
        for (const unwrapped of [`::ffff:${hex(number)}`, `::ffff:${dotted(number)}`, `64:ff9b::${hex(number)}`])
          expect([unwrapped, isPublicAddress(unwrapped)]).toEqual([unwrapped, isPublicByTable(number)]);
        for (const refused of [`::${hex(number)}`, `2002:${hex(number)}::`, `64:ff9b:1::${hex(number)}`, `2001:0:${hex(number)}::1`])
          expect([refused, isPublicAddress(refused)]).toEqual([refused, false]);
      }),
      { runs: 500 },
    );
  });

  it('lets no IPv6 pass outside 2000::/3', () => {
    holds(
      fc.property(fc.ipV6(), (address) => {
        if (!isPublicAddress(address) || /^(::ffff:|64:ff9b::|0*:)/i.test(address)) return;
        const first = Number.parseInt(address.split(':', 1)[0] ?? '', 16);
        expect(first >= 0x2000 && first <= 0x3fff ? 'global unicast' : address).toMatch(/^global unicast$|^0*:|ffff/i);
      }),
      { runs: 500 },
    );
  });

  it('never throws, and takes nothing that is no address', () => {
    holds(
      fc.property(fc.oneof(fc.string({ maxLength: 40 }), fc.stringMatching(/^[0-9a-fx:.%[\]]{0,30}$/)), (text) => {
        if (isIP(text) === 0) expect([isPublicAddress(text), isLoopbackAddress(text)]).toEqual([false, false]);
        expect(typeof isPublicAddress(text)).toBe('boolean');
        expect(isPublicAddress(text) && isLoopbackAddress(text)).toBe(false);
      }),
      { runs: 500 },
    );
  });
});

describe('the policy', () => {
  it('refuses every spelling of a private IPv4 that a URL can have', () => {
    const policy = createEgressPolicy({ allowPrivate: [] });
    const spelling = fc.constantFrom(
      dotted,
      (number: number) => String(number),
      (number: number) => `0x${number.toString(16)}`,
      (number: number) => `0${number.toString(8)}`,
      (number: number) => `${Math.floor(number / 2 ** 24)}.${number % 2 ** 24}`,
      (number: number) => `${dotted(number)}.`,
      (number: number) => `[::ffff:${dotted(number)}]`,
      (number: number) => dotted(number).replaceAll('.', '。'),
    );
    holds(
      fc.property(ipv4, spelling, (number, spell) => {
        const url = new URL(`http://${spell(number)}/`);
        const judge = (): void => policy.checkUrl(url);
        if (isPublicByTable(number)) expect(judge).not.toThrow();
        else expect(judge).toThrow(expect.objectContaining({ code: 'BLOCKED_ADDRESS' }) as Error);
      }),
      { runs: 500 },
    );
  });

  it('reads what it wrote: an authority is a host and a port, or nothing', () => {
    holds(
      fc.property(fc.oneof(fc.string({ maxLength: 30 }), fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true })), (text) => {
        const authority = parseAuthority(text);
        if (authority === null) return;
        const written = authority.port === null ? authority.hostname : `${authority.hostname}:${authority.port}`;
        expect(parseAuthority(written)).toEqual(authority);
        expect(literalAddress(authority.hostname) ?? '').not.toMatch(/[[\]]/);
        if (!authority.hostname.includes('*')) expect(parseAllowList([text.trim()]).size).toBe(authority.port === null ? 2 : 1);
      }),
      { runs: 500 },
    );
  });
});
