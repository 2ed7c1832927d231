import { Fault } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './address.js';
import { createEgressPolicy } from './policy.js';

const PRIVATE = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::7f00:3',
  '::a9fe:a9fe',
  '::ffff:127.0.0.3',
  '::ffff:7f00:3',
  '::ffff:10.0.0.1',
  '::ffff:168.63.129.16',
  '64:ff9b::7f00:3',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::808:808',
  '2002:7f00:3::',
  '2002:808:808::1',
  '2001::1',
  '2001:0:53aa:64c:0:fbbe:80ff:fffc',
  '2001:db8::1',
  '3fff::1',
  'fe80::1',
  'fe80::1%eth0',
  '2606:4700::1%1',
  'fc00::1',
  'fd12:3456::1',
  'fec0::1',
  'ff02::1',
  '100::1',
  '5f00::1',
  '4000::1',
  'not an address',
  '',
  '127.1',
  '0x7f.1',
  '1.2.3',
  '01.2.3.4',
];
const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001::5',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
];

describe('isPublicAddress', () => {
  it.each(PRIVATE)('refuses %s', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(PUBLIC)('allows %s', (address) => expect(isPublicAddress(address)).toBe(true));
});

function codeOf(act: () => void): string {
  try {
    act();
    return 'allowed';
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

describe('createEgressPolicy', () => {
  const policy = createEgressPolicy({
    allowPrivate: ['127.0.0.1:8081', 'intranet.local', '[::1]:9000', 'example.com:9000'],
    ownPorts: [4000],
  });
  const judge = (url: string): string => codeOf(() => policy.checkUrl(new URL(url)));

  it.each([
    ['https://example.com/', 'allowed'],
    ['http://example.com:8080/', 'allowed'],
    ['https://example.com:8443/', 'allowed'],
    ['http://example.com:9000/', 'allowed'],
    ['http://example.org:9000/', 'BLOCKED_PORT'],
    ['http://example.com:22/', 'BLOCKED_PORT'],
    ['http://1.1.1.1:6379/', 'BLOCKED_PORT'],
    ['http://1.1.1.1/', 'allowed'],
    ['ftp://example.com/', 'BLOCKED_SCHEME'],
    ['file:///etc/passwd', 'BLOCKED_SCHEME'],
    ['data:text/html,x', 'BLOCKED_SCHEME'],
    ['javascript:alert(1)', 'BLOCKED_SCHEME'],
    ['http://127.0.0.1:8081/', 'allowed'],
    ['http://127.1:8081/', 'allowed'],
    ['http://localhost:8081/', 'BLOCKED_ADDRESS'],
    ['http://127.0.0.1:8082/', 'BLOCKED_ADDRESS'],
    ['http://127.0.0.1/', 'BLOCKED_ADDRESS'],
    ['http://127.0.0.2:8081/', 'BLOCKED_ADDRESS'],
    ['http://[::ffff:127.0.0.1]:8081/', 'BLOCKED_ADDRESS'],
    ['http://intranet.local/', 'allowed'],
    ['https://intranet.local/', 'allowed'],
    ['http://intranet.local:8080/', 'allowed'],
    ['http://intranet.local:81/', 'BLOCKED_PORT'],
    ['http://[::1]:9000/', 'allowed'],
    ['http://[::1]:9001/', 'BLOCKED_ADDRESS'],
    ['http://[0:0:0:0:0:0:0:1]:9000/', 'allowed'],
    ['http://127.3/', 'BLOCKED_ADDRESS'],
    ['http://0x7f000003/', 'BLOCKED_ADDRESS'],
    ['http://2130706435/', 'BLOCKED_ADDRESS'],
    ['http://017700000003/', 'BLOCKED_ADDRESS'],
    ['http://127.0.0.3./', 'BLOCKED_ADDRESS'],
    ['http://0.0.0.0/', 'BLOCKED_ADDRESS'],
    ['http://[::]/', 'BLOCKED_ADDRESS'],
    ['http://[::ffff:7f00:3]/', 'BLOCKED_ADDRESS'],
    ['http://[::7f00:3]/', 'BLOCKED_ADDRESS'],
    ['http://[64:ff9b::7f00:3]/', 'BLOCKED_ADDRESS'],
    ['http://[2002:7f00:3::]/', 'BLOCKED_ADDRESS'],
    ['http://LOCALHOST./', 'BLOCKED_ADDRESS'],
    ['http://a.localhost/', 'BLOCKED_ADDRESS'],
    ['http://①②⑦.0.0.1/', 'BLOCKED_ADDRESS'],
    ['http://127。0。0。1/', 'BLOCKED_ADDRESS'],
    ['http://127.0.0.1:4000/', 'BLOCKED_PORT'],
    ['http://localhost:4000/', 'BLOCKED_PORT'],
  ])('%s: %s', (url, code) => expect(judge(url)).toBe(code));

  it('refuses all answers when one is bad, and lets a listed name be private', () => {
    const target = { hostname: 'example.com', port: 80 };
    expect(codeOf(() => policy.checkAddresses(target, ['1.1.1.1', '127.0.0.3']))).toBe('BLOCKED_ADDRESS');
    expect(codeOf(() => policy.checkAddresses(target, ['1.1.1.1', '::1']))).toBe('BLOCKED_ADDRESS');
    expect(codeOf(() => policy.checkAddresses(target, []))).toBe('BLOCKED_ADDRESS');
    expect(codeOf(() => policy.checkAddresses(target, ['1.1.1.1', '2606:4700::1111']))).toBe('allowed');
    expect(codeOf(() => policy.checkAddresses({ hostname: 'intranet.local', port: 80 }, ['10.0.0.8']))).toBe('allowed');
    expect(codeOf(() => policy.checkAddresses({ hostname: 'intranet.local', port: 81 }, ['10.0.0.8']))).toBe('BLOCKED_ADDRESS');
  });

  it('never tells which address a name had', () => {
    expect(() => policy.checkAddresses({ hostname: 'example.com', port: 80 }, ['10.1.2.3'])).toThrow(
      /^example\.com:80 is not a public address/,
    );
  });

  it('refuses its own ports even when they are listed', () => {
    const own = createEgressPolicy({ allowPrivate: ['127.0.0.1:4000', 'me.example:4000'] }).withOwnPorts([4000]);
    expect(codeOf(() => own.checkUrl(new URL('http://127.0.0.1:4000/')))).toBe('BLOCKED_PORT');
    expect(codeOf(() => own.checkAddresses({ hostname: 'me.example', port: 4000 }, ['127.0.0.1']))).toBe('BLOCKED_PORT');
  });

  it.each(['10.0.0.0/8', '*.local', 'http://x/', 'host:0', 'host:70000', '', 'a b'])(
    'does not take %j as an entry of the allow list',
    (entry) => {
      expect(() => createEgressPolicy({ allowPrivate: [entry] })).toThrow(TypeError);
    },
  );
});
