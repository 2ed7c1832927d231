import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { urlKey, urlProblem } from './url.js';

const key = (text: string): string => urlKey(new URL(text));

describe('urlKey', () => {
  it.each([
    ['HTTP://Example.COM:80/a', 'http://example.com/a'],
    ['https://example.com/a#part', 'https://example.com/a'],
    ['https://example.com/a/../b/./c', 'https://example.com/b/c'],
    ['https://example.com/%7euser/%c3%a9', 'https://example.com/~user/%C3%A9'],
    ['https://example.com/a?b=2&a=1', 'https://example.com/a?a=1&b=2'],
    ['https://example.com/a?b=&a', 'https://example.com/a?a&b='],
    ['https://example.com/a?utm_source=x&q=1&fbclid=y', 'https://example.com/a?q=1'],
    ['https://example.com/a?UTM_Campaign=x', 'https://example.com/a'],
    ['https://example.com/a/;v=1?', 'https://example.com/a/;v=1'],
    ['https://www.example.com', 'https://www.example.com/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https://example.com/a?q=%zz&p=%', 'https://example.com/a?p=%&q=%zz'],
  ])('%s → %s', (raw, expected) => expect(key(raw)).toBe(expected));

  it('keeps apart what may be different pages', () => {
    expect(key('https://example.com/a')).not.toBe(key('https://example.com/a/'));
    expect(key('https://example.com/a')).not.toBe(key('https://www.example.com/a'));
    expect(key('https://example.com/a')).not.toBe(key('http://example.com/a'));
    expect(key('https://example.com/a?x=1&x=2')).not.toBe(key('https://example.com/a?x=2'));
  });

  it('is idempotent, and a page of its own', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (raw) => {
        const once = key(raw);
        expect(key(once)).toBe(once);
        expect(new URL(once).host).toBe(new URL(raw).host);
      }),
    );
  });

  it('does not depend on the order of parameters', () => {
    const pair = fc
      .tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.stringMatching(/^[a-z0-9%]{0,4}$/))
      .map(([name, value]) => `${name}=${value}`);
    fc.assert(
      fc.property(fc.shuffledSubarray(['x=1', 'y=2', 'z=3', 'x=4']), fc.array(pair, { maxLength: 3 }), (shuffled, more) => {
        const sorted = [...shuffled].toSorted();
        expect(key(`http://h/?${[...shuffled, ...more].join('&')}`)).toBe(key(`http://h/?${[...more, ...sorted].join('&')}`));
      }),
    );
  });
});

describe('urlProblem', () => {
  it.each(['https://example.com/', 'http://127.0.0.1:8080/a?b#c'])('takes %s', (text) => expect(urlProblem(text)).toBeNull());

  it.each([
    '',
    '  ',
    'not a url',
    '/relative',
    'ftp://example.com/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://',
    'http://user:pw@example.com/',
    `http://h/${'a'.repeat(9000)}`,
  ])('refuses %s', (text) => expect(urlProblem(text)).not.toBeNull());
});
