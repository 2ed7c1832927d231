import { startGeneratedSite } from '@gleaner/site-generator';
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

  const NAVIGATION = `<header><a href="/"><img src="/logo.png" alt="The shop"></a><nav><ul>${'<li><a href="/a">A department of the shop</a></li>'.repeat(12)}</ul></nav></header>`;
  const FOOTER = '<footer><p>© The shop, 12 Long Road. All prices with tax.</p></footer>';
  const framed = (main: string, script = '<script src="/app.js"></script>'): boolean =>
    shell(`<a href="#main">Skip to content</a>${NAVIGATION}<main id="main">${main}</main>${FOOTER}${script}`);

  it.each([
    '<div class="x"></div>',
    '<div class="x">Loading…</div>',
    '<div class="x"><img src="/spinner.gif" alt=""></div>',
    '<div class="x"></div><aside><h2>Related</h2><a href="/b">Another</a></aside>',
    '<div class="x"></div><section><h2>Comments</h2><p>I like this a lot.</p></section>',
    '<div class="x"></div><script type="application/json">{"html":"<p>The text</p>"}</script>',
    '<iframe src="https://count.example/" width="1" height="1"></iframe>',
  ])('sees a shell between navigation and footer: %s', (main) => expect(framed(main)).toBe(true));

  it.each([
    '<h1>Contact</h1><p>Call 030 1234.</p>',
    '<p>Soon.</p>',
    '<ul><li><a href="https://e.org/">Example</a></li><li><a href="https://e.net/">Another</a></li></ul>',
    '<img src="/gallery/1.jpg"><img src="/gallery/2.jpg">',
    '<video src="/film.mp4"></video>',
    '<iframe src="https://maps.example/"></iframe>',
    '<form><input name="mail"><button>Send</button></form>',
    '<table><tr><td>12</td></tr></table>',
    '<article><header><h1>A page that is a headline</h1></header></article>',
  ])('leaves a short page with counting scripts alone: %s', (main) => expect(framed(main)).toBe(false));

  it('goes by the main part where there is one', () => {
    const reactions = '<section><p>What a fine article, I read all of it.</p></section><script src="/app.js"></script>';
    expect([shell(`<main><div></div></main>${reactions}`), shell(`<main id="main"></main>${reactions}`)]).toEqual([true, false]);
  });

  it('leaves a page alone that says all in its header', () => {
    const script = '<script>count()</script>';
    expect(shell(`<header><h1>Coming soon</h1></header>${script}`)).toBe(false);
    expect(shell(`<header><p>We are moving, and will be back on the first of May.</p></header>${script}`)).toBe(false);
  });

  it('needs a script that runs: data alone builds nothing', () => {
    const data =
      '<script type="application/json">{}</script><script type="application/ld+json">{}</script><script type="text/template">x</script>';
    expect([framed('', data), framed('', `${data}<script type="module">start()</script>`)]).toEqual([false, true]);
  });

  it('knows the pages of a generated site that scripts build', async () => {
    await using stack = new AsyncDisposableStack();
    for (const share of [0, 1]) {
      const site = await startGeneratedSite({ seed: 3, pages: 16, javascript: share, bytesPerPage: 4_000 });
      stack.defer(() => site.close());
      for (const redesigned of [false, true]) {
        if (redesigned) site.redesign();
        for (const path of site.paths()) {
          const html = await (await fetch(site.url + path)).text();
          const isBuilt = share === 1 && site.truthOf(path) !== undefined;
          expect([path, looksLikeShell(parsePage(html, site.url + path))]).toEqual([path, isBuilt]);
        }
      }
    }
  });
});
