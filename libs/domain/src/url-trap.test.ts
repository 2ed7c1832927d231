import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../test/support/laws.js';
import { shapeOf, trapProblem } from './url-trap.js';

const at = (path: string): URL => new URL(path, 'https://a.example');
const parameters = (count: number): string => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&');
const path = (count: number): string => Array.from({ length: count }, (_, index) => `/s${index}`).join('');

describe('trapProblem', () => {
  it.each([
    '/',
    '/a/a/b',
    '/2026/11/11/story',
    '/a/b/a/b',
    '/a/x/a/y/a/',
    '/1/x/1/y/1/z/1',
    `/${'x'.repeat(2_000)}`,
    `/x#${'x'.repeat(3_000)}`,
    path(20),
    `${path(20)}/`,
    `/x?${parameters(12)}`,
    '/a//b',
  ])('lets %s pass', (url) => expect(trapProblem(at(url))).toBeNull());

  it.each([
    [`/${'x'.repeat(2_048)}`, 'longer than 2048'],
    [path(21), 'more than 20'],
    ['/a/a/a', 'in a row'],
    ['/x/a/b/a/b/a/b', 'in a row'],
    ['/page/2/page/2/page/2/', 'in a row'],
    ['/x////y', 'in a row'],
    ['/a/x/a/y/a/z/a', '4 times'],
    [`/x?${parameters(13)}`, 'more than 12'],
  ])('stops at %s: %s', (url, problem) => expect(trapProblem(at(url))).toContain(problem));

  it('finds a sequence that is repeated, wherever it stands', () => {
    const segments = fc.array(fc.stringMatching(/^[a-c]$/), { minLength: 1, maxLength: 3 });
    holds(
      fc.property(segments, segments, segments, (before, repeated, after) => {
        const all = [...before, ...repeated, ...repeated, ...repeated, ...after];
        return trapProblem(at(`/${all.join('/')}`)) !== null;
      }),
    );
  });

  it('ends a crawl that follows a relative link for ever', () => {
    let url = at('/a/');
    let steps = 0;
    while (trapProblem(url) === null && steps < 100) {
      url = new URL('b/c/', url);
      steps++;
    }
    expect(steps).toBeLessThan(4);
  });
});

describe('shapeOf', () => {
  it.each([
    ['/', '/'],
    ['/calendar/2026/11?month=3', '/calendar/*/*?month'],
    ['/calendar/2026-11-27/', '/calendar/*'],
    ['/news/big-storm', '/news/big-storm'],
    ['/news/page-12.html', '/news/page-*.html'],
    ['/новости/дом', '/%d0%bd%d0%be%d0%b2%d0%be%d1%81%d1%82%d0%b8/%d0%b4%d0%be%d0%bc'],
    ['/api/v2/x', '/api/v2/x'],
    ['/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301/edit', '/u/*/edit'],
    ['/s/DEADBEEF', '/s/*'],
    ['/s/abc;jsessionid=12ab', '/s/abc'],
    ['/list?b=2&a=1&a=3&utm_source=x', '/list?a&b'],
    ['/list?f[1]=x&f[2]=y', '/list?*'],
  ])('%s → %s', (url, shape) => expect(shapeOf(at(url))).toBe(shape));

  it('is short, and the same for all numbers', () => {
    const long = fc.stringMatching(/^[a-zé0-9/.;&?_-]{0,900}$/);
    holds(fc.property(long, (text) => shapeOf(at(`/x${text}`)).length <= 400));
    const numbers = fc.array(fc.nat(), { minLength: 3, maxLength: 3 });
    const calendar = ([year, month, page]: readonly number[]): URL => at(`/c/${year}/${month}-${month}/x?page=${page}`);
    holds(fc.property(numbers, numbers, (some, others) => shapeOf(calendar(some)) === shapeOf(calendar(others))));
  });
});
