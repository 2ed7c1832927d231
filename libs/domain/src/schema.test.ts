import { describe, expect, it } from 'vitest';
import { JobRequestSchema } from './schema.js';

const issuesOf = (body: unknown): readonly string[] => {
  const parsed = JobRequestSchema.safeParse(body);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`);
};

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
  });

  it.each([
    [{ kind: 'teleport', input: {} }, 'kind'],
    [{ kind: 'extract', input: { url: 'https://example.com/', rendr: 'never' } }, 'input'],
    [{ kind: 'extract', input: { url: 'ftp://example.com/' } }, 'input.url'],
    [{ kind: 'extract', input: {} }, 'input.url'],
    [{ kind: 'extract' }, 'input'],
    [{ kind: 'learn', input: { url: 'https://example.com/' }, priority: 9 }, 'priority'],
    [{ kind: 'extract', input: { url: 'https://example.com/' }, labels: ['a b'] }, 'labels.0'],
  ])('names the field that is wrong: %j', (body, path) => expect(issuesOf(body).map((issue) => issue.split(':')[0])).toContain(path));
});
