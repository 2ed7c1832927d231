import { describe, expect, it } from 'vitest';
import { parsePage } from '../parse/parsed-page.js';
import { toMarkdown } from './serializer.js';

function md(html: string, url = 'https://e.com/d/p?z=1'): string {
  const page = parsePage(`<html><body>${html}</body></html>`, url);
  return toMarkdown(page.body?.children ?? [], page.baseUrl);
}

describe('toMarkdown', () => {
  it('1 keeps heads, alignment, and pipes inside their cells', () => {
    expect(
      md(
        '<table><thead><tr><th align=left>A</th><th style="text-align:right">B</th></tr></thead><tbody><tr><td>a|b</td><td><code>x|y</code></td></tr></tbody></table>',
      ),
    ).toBe('| A | B |\n| :--- | ---: |\n| a\\|b | `x\\|y` |');
  });

  it('2 keeps a table without head a table', () => {
    expect(md('<table><tr><td>Kyle</td><td>50</td></tr><tr><td>Martin</td><td>35</td></tr></table>')).toBe(
      '|  |  |\n| --- | --- |\n| Kyle | 50 |\n| Martin | 35 |',
    );
  });

  it('3 keeps rows whole whatever their cells hold', () => {
    const text = md(
      '<table><tr><th>H</th><th>I</th></tr><tr><td><p>one</p><p>two</p></td><td>a<br>b<ul><li>x</li><li>y</li></ul></td></tr></table>',
    );
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toContain('| one<br>two | a<br>b<br>- x<br>- y |');
  });

  it.each([
    ['<pre><code class="language-ts">let a</code></pre>', 'ts'],
    ['<div class="highlight highlight-source-python"><pre>let a</pre></div>', 'python'],
    ['<pre class="brush: js; toolbar: false">let a</pre>', 'js'],
    ['<pre><code data-lang="rust">let a</code></pre>', 'rust'],
  ])('4 names the language of code: %s', (html, language) => {
    expect(md(html)).toBe(`\`\`\`${language}\nlet a\n\`\`\``);
  });

  it('5 drops line numbers and keeps the code as it was', () => {
    expect(
      md(
        '<figure class="highlight js"><table><tr><td class="gutter"><pre><span class="line">1</span><br><span class="line">2</span></pre></td><td class="code"><pre><code class="language-js"><span class="line"><span>if</span> (a) {</span><br><span class="line">  b();</span></code></pre></td></tr></table></figure>',
      ),
    ).toBe('```js\nif (a) {\n  b();\n```');
  });

  it('6 fences code that holds a fence, and leaves code alone', () => {
    expect(md('<pre>```js\nx\n```</pre>')).toBe('````\n```js\nx\n```\n````');
    expect(md('<p>Use <code>a `b` c</code>, <code>Map&lt;K, V&gt;</code> and <code>snake_case</code>.</p>')).toBe(
      'Use ``a `b` c``, `Map<K, V>` and `snake_case`.',
    );
  });

  it('7 writes footnotes without their arrows', () => {
    expect(
      md(
        '<p>Text<sup id="r1"><a href="#fn1">1</a></sup> more.</p><section><ol><li id="fn1"><p>The note. <a href="#r1">↩</a></p></li></ol></section>',
      ),
    ).toBe('Text[^1] more.\n\n[^1]: The note.');
  });

  it('8 writes formulas once', () => {
    expect(
      md(
        '<p>Say <span class="katex"><span><math><semantics><mi>E</mi><annotation encoding="application/x-tex">E=mc^2</annotation></semantics></math></span><span aria-hidden="true">E=mc2</span></span> ok</p>',
      ),
    ).toBe('Say $E=mc^2$ ok');
    expect(md('<script type="math/tex; mode=display">a^2</script>')).toBe('$$a^2$$');
  });

  it('9 makes links absolute and drops scripts', () => {
    expect(
      md(
        '<p><a href="../up">u</a> <a href="/r">r</a> <a href="//host/x">h</a> <a href="?q=1">q</a> <a href="a b(c)">p</a> <a href="javascript:x()">js</a></p>',
      ),
    ).toBe(
      '[u](https://e.com/up) [r](https://e.com/r) [h](https://host/x) [q](https://e.com/d/p?q=1) [p](https://e.com/d/a%20b%28c%29) js',
    );
  });

  it('10 finds the picture behind placeholders and drops pixels', () => {
    expect(md('<img src="i.png" alt="i">')).toBe('![i](https://e.com/d/i.png)');
    expect(md('<img src="data:image/gif;base64,AA" data-src="/lazy.jpg" alt=l>')).toBe('![l](https://e.com/lazy.jpg)');
    expect(md('<picture><source srcset="/a.webp 1x, /b.webp 2x"><img alt=pic></picture>')).toBe('![pic](https://e.com/b.webp)');
    expect(md('<figure><img src="/f.jpg" alt=f><figcaption>Cap</figcaption></figure>')).toBe('![f](https://e.com/f.jpg)\n\nCap');
    expect(md('<p>x<img src="/p.gif" width=1 height=1><img src="data:image/png;base64,xx"></p>')).toBe('x');
  });

  it('11 writes a card as one link on one line', () => {
    expect(md('<a href="/card"><img src="/c.jpg" alt="c"><h3>Title\n here</h3><p>desc</p></a>')).toBe(
      '![c](https://e.com/c.jpg)\n\n### [Title here](https://e.com/card)\n\ndesc',
    );
    expect(md('<p><a href="/x"><img src="/y.jpg" alt="y"></a></p>')).toBe('[![y](https://e.com/y.jpg)](https://e.com/x)');
  });

  it('12 keeps numbers, levels, paragraphs and task boxes', () => {
    expect(md('<ol start=3><li>three<ul><li>a<ul><li>deep</li></ul></li></ul></li><li><p>four</p><p>second</p></li></ol>')).toBe(
      '3. three\n   - a\n     - deep\n\n4. four\n\n   second',
    );
    expect(md('<ul><li><input type=checkbox checked> done</li><li><input type=checkbox> open</li></ul>')).toBe('- [x] done\n- [ ] open');
  });

  it('13 escapes literal characters once', () => {
    expect(md('<p>*x* _x_ snake_case 2 * 3 &lt;div&gt; [x](y) [sic] C:\\new</p>')).toBe(
      '\\*x\\* \\_x\\_ snake_case 2 * 3 \\<div> \\[x\\](y) [sic] C:\\new',
    );
    expect(md('<p># x</p><p>1986. Year</p><p>- x</p>')).toBe('\\# x\n\n1986\\. Year\n\n\\- x');
  });

  it('14 keeps spaces outside of marks', () => {
    expect(md('<p><b>bold </b>text un<em>frigging</em>believable <b><i>bi</i></b> <del>gone</del> <b></b>x<br>y</p>')).toBe(
      '**bold** text un*frigging*believable ***bi*** ~~gone~~ x  \ny',
    );
    expect(md('<p><b>a</b><b>b</b></p>')).toBe('**ab**');
  });

  it('15 drops permalinks and hidden elements', () => {
    expect(
      md(
        '<h2>Head <a href="#x">#</a></h2><script>s</script><style>q</style><template>t</template><svg><text>t</text></svg><p hidden>h</p><p style="display: none">n</p><details><summary>Sum</summary><p>Det</p></details><button>B</button>',
      ),
    ).toBe('## Head\n\nSum\n\nDet');
  });
});
