import { describe, expect, it } from 'vitest';
import { parsePage } from '../parse/parsed-page.js';
import { browserAdds } from './browser-adds.js';

const page = (body: string) => parsePage(`<!doctype html><body>${body}`, 'https://example.com/a');
const text = (sentences: number) => `<p>${'The harbour office publishes the tides of the week. '.repeat(sentences)}</p>`;
const links = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `<a href="/p/${from + index}">p</a>`).join(' ');

describe('browserAdds', () => {
  it.each([
    ['an empty shell that becomes a page', '<div id="app"></div>', text(10), true],
    ['an article that scripts bring below a served introduction', text(4), text(4) + text(6), true],
    ['a listing whose cards scripts bring', text(4) + links(10), text(4) + links(10) + links(8, 50), true],
    ['a page that comes as it is', text(10) + links(10), text(10) + links(10), false],
    ['a banner and a counter', text(20), `<div>We use cookies. <a href="/privacy">Why</a></div>${text(20)}<span>3 visitors</span>`, false],
    ['a page that scripts take text from', text(20), text(3), false],
    ['a few links beside hundreds', text(5) + links(200), text(5) + links(200) + links(8, 500), false],
    ['nothing at all', '', '', false],
  ])('%s', (_what, served, rendered, adds) => {
    expect(browserAdds(page(served), page(rendered))).toBe(adds);
  });
});
