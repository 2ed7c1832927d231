import { describe, expect, it } from 'vitest';
import { JobChangeSchema, JobRequestSchema, RetryRequestSchema } from './schema.js';

const issuesOf = (body: unknown): readonly string[] => {
  const parsed = JobRequestSchema.safeParse(body);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`);
};

const crawl = (input: object): object => ({ kind: 'crawl', input: { url: 'https://example.com/', ...input } });

describe('JobRequestSchema', () => {
  it('takes the requests of the surface', () => {
    expect(
      issuesOf({
        kind: 'extract',
        input: { url: 'https://example.com/a', render: 'never', fresh: true, embed: false },
        priority: 1,
        labels: ['nightly'],
      }),
    ).toEqual([]);
    expect(issuesOf({ kind: 'learn', input: { url: 'https://example.com/a' } })).toEqual([]);
    const all = {
      limit: 100_000,
      depth: 0,
      include: ['/blog/', 'https://example.com/*'],
      exclude: ['*.pdf$'],
      scope: 'path',
      sitemap: 'only',
    };
    const rest = { render: 'auto', refresh: true, embed: false, concurrency: 64, deadlineSeconds: 604_800 };
    expect(issuesOf({ kind: 'crawl', input: { url: 'https://example.com/', ...all, ...rest } })).toEqual([]);
  });

  it.each([
    [{ kind: 'teleport', input: {} }, 'kind'],
    [{ kind: 'extract', input: { url: 'https://example.com/', rendr: 'never' } }, 'input'],
    [{ kind: 'extract', input: { url: 'ftp://example.com/' } }, 'input.url'],
    [{ kind: 'extract', input: {} }, 'input.url'],
    [{ kind: 'extract' }, 'input'],
    [{ kind: 'learn', input: { url: 'https://example.com/' }, priority: 9 }, 'priority'],
    [{ kind: 'extract', input: { url: 'https://example.com/' }, labels: ['a b'] }, 'labels.0'],
    [crawl({ limit: 0 }), 'input.limit'],
    [crawl({ limit: 100_001 }), 'input.limit'],
    [crawl({ depth: 101 }), 'input.depth'],
    [crawl({ include: ['/a', 'blog/'] }), 'input.include.1'],
    [crawl({ exclude: Array.from({ length: 51 }, () => '/a') }), 'input.exclude'],
    [crawl({ scope: 'everything' }), 'input.scope'],
    [crawl({ concurrency: 65 }), 'input.concurrency'],
    [crawl({ deadlineSeconds: 604_801 }), 'input.deadlineSeconds'],
    [crawl({ fresh: true }), 'input'],
  ])('names the field that is wrong: %j', (body, path) => expect(issuesOf(body).map((issue) => issue.split(':')[0])).toContain(path));
});

describe('what is changed and done again', () => {
  it('has the bounds of the request', () => {
    expect(JobChangeSchema.safeParse({ options: { limit: 10, include: [], exclude: ['/a'], concurrency: 1 } }).success).toBe(true);
    for (const options of [{ limit: 0 }, { include: ['a'] }, { depth: 1 }])
      expect(JobChangeSchema.safeParse({ options }).success).toBe(false);
    expect([{}, { from: 'extract' }, { from: 'start' }].map((body) => RetryRequestSchema.safeParse(body).success)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
