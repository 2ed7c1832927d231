import { describe, expect, it } from 'vitest';
import { parsePage } from '../parse/parsed-page.js';
import { looksLikeShell } from './shell.js';

const shell = (body: string, head = ''): boolean =>
  looksLikeShell(parsePage(`<html><head>${head}</head><body>${body}</body></html>`, 'https://e.com/'));

describe('looksLikeShell', () => {
  it.each([
    '<div id="root"></div><script src="/app.js"></script>',
    '<div class="xyz"></div><script>start()</script>',
    '<noscript>You need to enable JavaScript to run this app.</noscript><div></div><script src="a.js"></script>',
    '<div id="app"><div class="spinner">Loading…</div></div><script src="/app.js"></script>',
    '<app-root></app-root><script src="/main.js" type="module"></script>',
  ])('sees a shell in %s', (body) => expect(shell(body)).toBe(true));

  it.each([
    '<h1>Gone</h1><p>This page has moved.</p>',
    '<h1>Hello</h1><p>A short page with a counter.</p><script>count()</script>',
    `<div id="root"><h1>Rendered</h1>${'<p>This was rendered on the server and only then woken by a script.</p>'.repeat(5)}</div><script src="/app.js"></script>`,
  ])('leaves a written page alone: %s', (body) => expect(shell(body)).toBe(false));
});
