import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../test/support/laws.js';
import { compileUrlPattern, matchesPattern, urlPatternProblem } from './url-pattern.js';

const matches = (pattern: string, url: string): boolean => compileUrlPattern(pattern)(new URL(url));

describe('compileUrlPattern', () => {
  it.each([
    ['/news/', 'https://a.example/news/1', true],
    ['/news/', 'https://a.example/News/1', false],
    ['/news/', 'https://a.example/x/news/1', false],
    ['*/news/', 'https://a.example/x/news/1', true],
    ['/*.html$', 'https://a.example/x/1.html', true],
    ['/*.html$', 'https://a.example/x/1.html?print', false],
    ['/*?*print', 'https://a.example/x?a&print=1', true],
    ['/ツ', 'https://a.example/%e3%83%84/', true],
    ['/%e3%83%84', 'https://a.example/ツ', true],
    ['/%7Eme', 'https://a.example/~me', true],
    ['/\ud800', 'https://a.example/\ud800', true],
    ['/a$b', 'https://a.example/a$bc', true],
    ['/a%2Ab', 'https://a.example/a*b', true],
    ['/a%2Ab', 'https://a.example/axb', false],
    ['https://a.example/news', 'https://a.example/news/1#part', true],
    ['https://a.example/news', 'http://a.example/news/1', false],
    ['HTTPS://A.example:443/news', 'https://a.example/news/1', true],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/x', true],
    ['https://*.a.example/', 'https://b.a.example/x', true],
    ['https://*.a.example/', 'https://a.example/x', false],
    ['https://a.', 'https://a.example/x', true],
    ['http://127', 'http://127.0.0.1/x', true],
  ])('%s on %s: %s', (pattern, url, expected) => expect(matches(pattern, url)).toBe(expected));

  it('takes any pattern', () => {
    holds(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.webUrl(), (text, url) => typeof matches(text, url) === 'boolean'));
  });

  it('knows a path by its own spelling', () => {
    holds(
      fc.property(fc.webUrl({ withQueryParameters: true }), (raw) => {
        const url = new URL(raw);
        const escaped = `${url.pathname}${url.search}`.replaceAll('*', '%2A').replaceAll('$', '%24');
        return matches(`${escaped}$`, raw) && matches(`${url.origin}${escaped}$`, raw) && matches('*', raw);
      }),
    );
  });
});

describe('matchesPattern', () => {
  it('is the regular expression that the pattern stands for', () => {
    const path = fc.stringMatching(/^[ab]{0,12}$/);
    const pattern = fc.stringMatching(/^[ab*]{0,8}\$?$/);
    holds(
      fc.property(path, pattern, (text, rule) => {
        const expression = new RegExp(`^${rule.replace(/\$$/, '').replaceAll('*', '.*')}${rule.endsWith('$') ? '$' : ''}`);
        return matchesPattern(text, rule) === expression.test(text);
      }),
      { runs: 1_000 },
    );
  });
});

describe('urlPatternProblem', () => {
  it.each(['/', '*', '*.pdf$', 'http://a.example/*', 'HTTPS://a.example', '/'.padEnd(1_000, 'a'), '/'.padEnd(51, '*')])(
    'takes %s',
    (text) => expect(urlPatternProblem(text)).toBeNull(),
  );

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['news', 'start with'],
    ['ftp://a/', 'start with'],
    [' /a', 'start with'],
    ['/'.padEnd(1_001, 'a'), '1000'],
    ['/'.padEnd(52, '*'), '50'],
  ])('refuses %j', (text, reason) => expect(urlPatternProblem(text)).toContain(reason));
});
