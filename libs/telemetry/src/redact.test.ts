import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutQueries, withoutSecrets } from './redact.js';

describe('withoutSecrets', () => {
  it.each([
    ['key glk_AbCd-1234_xyz refused', 'key [secret] refused'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [secret]'],
    ['postgresql://gleaner:hunter2@db:5432/gleaner', 'postgresql://gleaner:[secret]@db:5432/gleaner'],
    ['GET http://a.test/x?api_key=1234&page=2', 'GET http://a.test/x?api_key=[secret]&page=2'],
    ['sk-proj-1234567890', '[secret]'],
    ['gsk_1234567890 nvapi-1234567890 AIzaSy-1234567890', '[secret] [secret] [secret]'],
  ])('%s', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
  });

  it('leaves what is no secret', () => {
    const text = 'http://127.0.0.1:8080/news/1?page=2#top took 12 ms, glk_ is how keys begin';
    expect(withoutSecrets(text)).toBe(text);
  });

  it('keeps a JSON line a JSON line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('glk_abcdefgh', 'Bearer abcdefgh', '://u:p@', '?key=', '"', '\\'))),
        (parts) => {
          const line = withoutSecrets(JSON.stringify({ msg: parts.join('') }));
          expect(() => JSON.parse(line)).not.toThrow();
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });
});

describe('withoutQueries', () => {
  it('cuts URLs down to where they lead', () => {
    expect(withoutQueries('GET http://u:p@a.test/x/y?q=1#f answered 500')).toBe('GET http://a.test/x/y answered 500');
  });
});
