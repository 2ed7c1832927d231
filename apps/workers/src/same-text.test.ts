import type { TemplateVersion } from '@gleaner/domain';
import { type ParsedPage, contentHashOf, extractPage, learnTemplate, parsePage, templateKeyOf } from '@gleaner/extraction';
import { expect, it } from 'vitest';
import { saysTheSame } from './same-text.js';

const NOTICE = 'Members read this magazine without any advertising at all.';

/** `visit` changes what no reader sees. */
function page(number: number, visit: string, text = 'The story goes on for a while, and says something of its own'): ParsedPage {
  const paragraphs = Array.from({ length: 6 }, (_, index) => `<p>${text}, part ${number * 10 + index}, with words enough to be read.</p>`);
  const story = `<h1 class="heading">Story ${number}</h1><div class="copy">${paragraphs.join('')}</div><div class="plea">${NOTICE}</div>`;
  const html = `<html><body><nav><a href="/">Home</a></nav><article class="entry">${story}</article><script>start('${visit}')</script></body></html>`;
  return parsePage(html, `https://example.com/story/${number}`);
}

function learned(): TemplateVersion {
  const result = learnTemplate(
    [1, 2, 3, 4, 5, 6].map((number) => page(number, 'first')).map((sample) => ({ page: sample, url: sample.url })),
  );
  if (result.kind === 'unlearnable') throw new Error(result.reason);
  const { config, scores } = result;
  const made = { author: 'heuristic', model: null, costUsd: 0, sampleUrls: [], createdAt: '2026-01-01T00:00:00.000Z' } as const;
  return { ...templateKeyOf('https://example.com/story/1'), version: 1, state: 'active', pinned: false, config, scores, ...made };
}

it('goes by the way in which the earlier text was found', () => {
  const version = learned();
  const before = extractPage(page(7, 'first'), null).page;
  const earlier = { title: before.title, contentHash: contentHashOf(before.text), isGeneral: true };
  const again = page(7, 'second');
  const now = extractPage(again, version).page;
  expect([now.method, contentHashOf(now.text) === earlier.contentHash]).toEqual(['template', false]);
  expect(saysTheSame(again, now, earlier)).toBe(true);
  // Made by other rules: nothing but its own text tells.
  expect(saysTheSame(again, now, { ...earlier, isGeneral: false })).toBe(false);
  expect(saysTheSame(again, now, { title: now.title, contentHash: contentHashOf(now.text), isGeneral: false })).toBe(true);
  expect(saysTheSame(again, now, { ...earlier, title: 'Another' })).toBe(false);
  const edited = page(7, 'first', 'It was written anew, and says something else');
  expect(saysTheSame(edited, extractPage(edited, version).page, earlier)).toBe(false);
});
