import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../test/support/laws.js';
import { createScope } from './crawl-scope.js';
import { CRAWL_SCOPES, type CrawlScopeKind } from './crawl/crawl.js';

/** The last two labels; enough for names below .example and .test. */
const registrable = (host: string): string | null => (/[a-z][^.]*$/.test(host) ? (/[^.]+\.[^.]+$/.exec(host)?.[0] ?? null) : null);

const scopeOf = (start: string, scope: CrawlScopeKind, include: string[] = [], exclude: string[] = []) =>
  createScope({ start: new URL(start), scope, include, exclude }, registrable);

/** The rule that keeps a URL out; null when it is in. */
function rule(start: string, scope: CrawlScopeKind, url: string): string | null {
  const verdict = scopeOf(start, scope).judge(new URL(url));
  return verdict.inScope ? null : verdict.rule;
}

describe('a scope', () => {
  it.each<[string, CrawlScopeKind, string, string | null]>([
    ['https://a.example/x', 'host', 'https://a.example/y', null],
    ['https://a.example/x', 'host', 'http://a.example/y', null],
    ['https://a.example/x', 'host', 'https://www.a.example/y', null],
    ['https://www.a.example/x', 'host', 'https://A.example./y', null],
    ['https://www.example/x', 'host', 'https://example/y', 'host example is not www.example'],
    ['https://a.example/x', 'host', 'https://b.a.example/', 'host b.a.example is not a.example'],
    ['https://a.example/x', 'host', 'https://a.example:8443/', 'host a.example:8443 is not a.example'],
    ['https://a.example/x', 'host', 'mailto:me@a.example', 'scheme mailto'],
    ['http://localhost:3000/', 'host', 'http://localhost:3000/b', null],
    ['https://a.example/x', 'domain', 'https://b.a.example/', null],
    ['https://b.a.example/x', 'domain', 'https://a.example/', null],
    ['https://a.example/x', 'domain', 'https://a.example.evil.test/', 'host a.example.evil.test is not of a.example'],
    ['https://a.example/x', 'domain', 'https://nota.example/', 'host nota.example is not of a.example'],
    ['https://a.example/x', 'domain', 'https://b.a.example:81/', 'port 81 is not that of a.example'],
    ['http://127.0.0.1/', 'domain', 'http://127.0.0.1/b', null],
    ['http://127.0.0.1/', 'domain', 'http://126.0.0.1/b', 'host 126.0.0.1 is not 127.0.0.1'],
    ['http://[::1]/', 'domain', 'http://[::2]/b', 'host [::2] is not [::1]'],
    ['http://intranet/', 'domain', 'http://other/', 'host other is not intranet'],
    ['https://a.example/docs/intro', 'path', 'https://a.example/docs/x/y?z', null],
    ['https://a.example/docs/intro', 'path', 'https://a.example/docs', null],
    ['https://a.example/docs/intro', 'path', 'https://a.example/docs2/', 'path is not below /docs/'],
    ['https://a.example/docs/intro', 'path', 'https://a.example/docs/../x', 'path is not below /docs/'],
    ['https://a.example/docs/', 'path', 'https://b.example/docs/', 'host b.example is not a.example'],
    ['https://a.example/%7eme/', 'path', 'https://a.example/~me/x', null],
    ['https://a.example', 'path', 'https://a.example/anything', null],
  ])('from %s (%s): %s is out by %s', (start, scope, url, expected) => expect(rule(start, scope, url)).toBe(expected));

  it('asks for an include pattern where there is one, and excludes before', () => {
    const scope = scopeOf('https://a.example/', 'host', ['/news/', '/shop/*.html$'], ['/tag/*', '*?print', 'http://']);
    const judged = (path: string): unknown => {
      const verdict = scope.judge(new URL(path, 'https://a.example'));
      return verdict.inScope || verdict.rule;
    };
    expect(judged('/news/1')).toBe(true);
    expect(judged('/shop/1.html')).toBe(true);
    expect(judged('/about')).toBe('no include pattern matches');
    expect(judged('/tag/x')).toBe('exclude /tag/*');
    expect(judged('/news/1?print')).toBe('exclude *?print');
    expect(judged('http://a.example/news/1')).toBe('exclude http://');
  });

  it('keeps its start, and is the same for http and https', () => {
    const place = fc.constantFrom('a.example', 'www.a.example', 'b.example', 'x.b.example', '10.0.0.1', 'single');
    holds(
      fc.property(place, place, fc.webPath(), fc.constantFrom(...CRAWL_SCOPES), (from, to, path, kind) => {
        const scope = scopeOf(`https://${from}${path}`, kind);
        expect(scope.judge(new URL(`https://${from}${path}#part`))).toEqual({ inScope: true });
        expect(scope.judge(new URL(`https://${to}${path}`)).inScope).toBe(scope.judge(new URL(`http://${to}${path}`)).inScope);
        expect(
          createScope({ start: new URL(`https://${from}${path}`), scope: kind, include: ['/never'], exclude: ['*'] }, registrable).judge(
            new URL(`https://${from}${path}`),
          ),
        ).toEqual({ inScope: true });
      }),
    );
  });
});
