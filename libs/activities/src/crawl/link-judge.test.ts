import { type CrawlInput, crawlSettings } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { createLinkJudge } from './link-judge.js';

function verdict(url: string, input: Partial<CrawlInput> = {}, depth = 1): string {
  const settings = crawlSettings({ url: 'https://www.example.com/docs/', ...input });
  const {
    host,
    pattern,
    verdict: found,
  } = createLinkJudge({ settings, startUrls: [settings.url] }).judge({ url, key: 'k', depth, source: 'link' });
  return found === null ? `${host} ${pattern}` : `${found.reason}: ${found.detail}`;
}

describe('links of a crawl', () => {
  it.each([
    ['https://www.example.com/a/1', {}, 'www.example.com /a/*'],
    ['https://other.org/', {}, 'out_of_scope: host other.org is not www.example.com'],
    ['https://shop.example.com/', { scope: 'domain' }, 'shop.example.com /'],
    ['https://example.co.uk/', { scope: 'domain', url: 'https://other.co.uk/' }, 'out_of_scope: '],
    ['https://www.example.com/blog', { scope: 'path' }, 'out_of_scope: '],
    ['https://www.example.com/tag/x', { exclude: ['/tag/'] }, 'out_of_scope: exclude'],
    ['https://www.example.com/b', { include: ['/a/'] }, 'out_of_scope: no include'],
    ['https://www.example.com/manual.pdf', {}, 'content_type: the name ends in .pdf'],
    ['https://www.example.com/x/x/x/x/x', {}, 'trap: '],
    ['https://www.example.com/f?size=1&colour=2', {}, 'www.example.com /f?*'],
  ] as const)('%s under %j', (url, input, expected) => {
    expect(verdict(url, input)).toContain(expected);
  });

  it('end at the depth, and belong where the start page was redirected to', () => {
    expect(verdict('https://www.example.com/a', { depth: 2 }, 3)).toBe('depth: more than 2 links from the start page');
    const settings = crawlSettings({ url: 'https://old.example/' });
    const judge = createLinkJudge({ settings, startUrls: ['https://old.example/', 'https://new.example/'] });
    expect([judge.verdict('https://new.example/a'), judge.verdict('https://third.example/')?.reason]).toEqual([null, 'out_of_scope']);
  });
});
