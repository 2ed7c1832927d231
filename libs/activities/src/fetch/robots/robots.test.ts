import { describe, expect, it } from 'vitest';
import { judgeByRobots } from './match.js';
import { MAX_ROBOTS_BYTES, parseRobots } from './parse.js';
import { productToken } from './product-token.js';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function allowed(robots: string | Uint8Array, agent: string, url: string): boolean {
  const groups = parseRobots(typeof robots === 'string' ? bytes(robots) : robots);
  return judgeByRobots(groups, productToken(agent), new URL(url)).allowed;
}

const at = (path: string): string => `http://foo.bar${path}`;

function delay(value: string): number {
  return judgeByRobots(parseRobots(bytes(`user-agent: *\ncrawl-delay: ${value}`)), 'foobot', new URL(at('/'))).crawlDelayMs;
}

function judge(rules: string, path: string): boolean {
  return allowed(`user-agent: FooBot\n${rules}`, 'FooBot', at(path));
}

/** Cases of the reference parser's tests (google/robotstxt, robots_test.cc), written as tables. */
describe('groups and lines', () => {
  it.each([
    ['', 'FooBot', true],
    ['user-agent: FooBot\ndisallow: /\n', 'FooBot', false],
    ['foo: FooBot\nbar: /\n', 'FooBot', true],
    ['user-agent FooBot\ndisallow /\n', 'FooBot', false],
    ['USER-AGENT: FooBot\nDISALLOW: /\n', 'FooBot', false],
    ['user-agent: fOObOT\ndisallow: /', 'FooBot', false],
    ['user-agent: FooBot/2.1\ndisallow: /', 'FooBot', false],
    ['disallow: /\nuser-agent: FooBot\nallow: /', 'FooBot', true],
    ['disallow: /', 'FooBot', true],
    ['user-agent: FooBot\ndisallow: /\nuser-agent: *\nallow: /\n', 'FooBot', false],
    ['user-agent: FooBot\ndisallow: /\nuser-agent: *\nallow: /\n', 'BarBot', true],
    ['user-agent: *\ndisallow: /\nuser-agent: FooBot\n', 'FooBot', true],
    ['user-agent: *\ndisallow: /\nuser-agent: FooBot\ndisallow:\n', 'FooBot', true],
    ['user-agent: *foo\ndisallow: /', 'FooBot', true],
    ['user-agent: * baz\ndisallow: /', 'FooBot', false],
    ['user-agent: Foo Bar\ndisallow: /', 'Foo', false],
    ['user-agent: FooBot\nuser-agent: BarBot\ndisallow: /', 'BarBot', false],
    ['user-agent: FooBot\nsitemap: x\nuser-agent: BarBot\ndisallow: /', 'FooBot', false],
    ['user-agent: FooBot\ncrawl-delay: 2\nuser-agent: BarBot\ndisallow: /', 'FooBot', false],
    ['user-agent: FooBot\ndisallow: /a\nuser-agent: BarBot\nallow: /\nuser-agent: FooBot\ndisallow: /x', 'FooBot', false],
    ['user-agent: FooBot\ndissallow: /', 'FooBot', false],
    ['useragent: FooBot\ndisalow: /', 'FooBot', false],
    ['user agent: FooBot\ndisallow: /', 'FooBot', false],
    ['user-agent: FooBot\ndisallow: / # no', 'FooBot', false],
    ['user-agent: FooBot # x\n#disallow: /', 'FooBot', true],
    [': FooBot\n: /', 'FooBot', true],
    ['user-agent: FooBot\rdisallow: /\r', 'FooBot', false],
    ['user-agent: FooBot\r\ndisallow: /\r\n', 'FooBot', false],
    ['user-agent: FooBot\n\n\n\ndisallow: /', 'FooBot', false],
    ['\uFEFFuser-agent: FooBot\ndisallow: /', 'FooBot', false],
    ['  user-agent :\tFooBot  \n\tdisallow\t: /  ', 'FooBot', false],
    ['user-agent: a\u0000b\nuser-agent: FooBot\ndisallow: /', 'FooBot', false],
  ])('%j for %s: allowed %s', (robots, agent, expected) => expect(allowed(robots, agent, at('/x/y'))).toBe(expected));

  it('reads a cut byte order mark, and not one in the middle', () => {
    expect(allowed(Buffer.concat([Buffer.from([0xef, 0xbb]), Buffer.from('user-agent: FooBot\ndisallow: /')]), 'FooBot', at('/x'))).toBe(
      false,
    );
    expect(
      allowed(Buffer.concat([Buffer.from([0xef, 0x11, 0xbf]), Buffer.from('user-agent: FooBot\ndisallow: /')]), 'FooBot', at('/x')),
    ).toBe(true);
    expect(allowed('user-agent: FooBot\n\uFEFFdisallow: /', 'FooBot', at('/x'))).toBe(true);
  });

  it('cuts what is too long instead of failing', () => {
    expect(allowed(`user-agent: FooBot\ndisallow: /${'x'.repeat(20_000)}/qux\n`, 'FooBot', at('/fux'))).toBe(true);
    const filler = `${'#'.repeat(99)}\n`.repeat(MAX_ROBOTS_BYTES / 100);
    expect(allowed(`user-agent: FooBot\ndisallow: /a\n${filler}disallow: /b\n`, 'FooBot', at('/b'))).toBe(true);
    expect(allowed(`user-agent: FooBot\ndisallow: /a\n${filler}`, 'FooBot', at('/a'))).toBe(false);
  });

  it('reads Crawl-delay up to 30 s', () => {
    expect([delay('2'), delay('0.5'), delay('900'), delay('-1'), delay('x'), delay('')]).toEqual([2_000, 500, 30_000, 0, 0, 0]);
  });
});

describe('paths', () => {
  it.each([
    ['disallow: /x/page.html\nallow: /x/', '/x/page.html', false],
    ['allow: /x/page.html\ndisallow: /x/', '/x/page.html', true],
    ['allow: /x/page.html\ndisallow: /x/', '/x/', false],
    ['disallow:\nallow:', '/x', true],
    ['disallow: /\nallow: /', '/x', true],
    ['disallow: /x\nallow: /x/', '/x', false],
    ['disallow: /x\nallow: /x/', '/x/', true],
    ['disallow: /x/page.html\nallow: /x/page.html', '/x/page.html', true],
    ['allow: /page\ndisallow: /*.html', '/page.html', false],
    ['allow: /x/page.\ndisallow: /*.html', '/x/page.html', true],
    ['disallow: /X/', '/x/y', true],
    ['disallow: /x/', '/x/y', false],
    ['disallow: /\nallow: /foo/bar/%E3%83%84', '/foo/bar/ツ', true],
    ['disallow: /\nallow: /foo/bar/ツ', '/foo/bar/%e3%83%84', true],
    ['disallow: /\nallow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par', '/foo/bar?qux=taz&baz=http://foo.bar?tar&par', true],
    ['disallow: /\nallow: /foo/bar/%62%61%7A', '/foo/bar/baz', true],
    ['disallow: /%70rivate', '/private', false],
    ['disallow: /a%2Fb', '/a/b', true],
    ['disallow: /a%3cd', '/a<d', false],
    ['disallow: /foo/bar/quz\nallow: /foo/*/qux', '/foo/bar/quz', false],
    ['disallow: /\nallow: /foo/*/qux', '/foo/a/b/qux', true],
    ['disallow: /foo/bar$\nallow: /foo/bar/qux', '/foo/bar', false],
    ['disallow: /foo/bar$', '/foo/bar/', true],
    ['disallow: /*.php$', '/a.php', false],
    ['disallow: /*.php$', '/a.php?x', true],
    ['disallow: /*.php$', '/a.php.php', false],
    ['disallow: /fish*.php', '/fishheads/catfish.php?x', false],
    ['disallow: /*?', '/a?b', false],
    ['disallow: /*?', '/a', true],
    ['disallow: *', '/a', false],
    ['disallow: $', '/a', true],
    ['disallow: /**a', '/xa', false],
    ['disallow: /a$b', '/a$b', false],
    ['disallow: /path/file-with-a-%2A.html', '/path/file-with-a-*.html', false],
    ['disallow: /path/foo-%24', '/path/foo-$', false],
    ['disallow: fish', '/fish', true],
    ['allow: /allowed-slash/index.html\ndisallow: /', '/allowed-slash/', true],
    ['allow: /allowed-slash/index.html\ndisallow: /', '/allowed-slash/index.htm', false],
    ['allow: /anyother/index.html\ndisallow: /', '/anyother', false],
    ['disallow: /ab*ab$', '/ab', true],
    ['disallow: /ab*ab$', '/abab', false],
    ['disallow: /', '/robots.txt', true],
  ])('%j on %s: allowed %s', (rules, path, expected) => expect(judge(rules, path)).toBe(expected));

  it('ends on rules made to be slow', () => {
    const rules = Array.from({ length: 60 }, () => `disallow: /*${'a'.repeat(4_000)}b*${'a'.repeat(4_000)}b`).join('\n');
    expect(judge(rules, `/${'a'.repeat(8_000)}`)).toBe(true);
  });
});
