// The fifteen cases that converters stumble over: HTML in, what has to stand in the Markdown and what must not.
const URL_OF_PAGE = 'https://e.com/d/p?z=1';

export const CASES = [
  ['table with head, alignment, pipes', '<table><tr><th align=left>A</th><th align=right>B</th></tr><tr><td>a|b</td><td><code>x|y</code></td></tr></table>', ['| A | B |', ':---', '---:', 'a\\|b', '`x\\|y`'], []],
  ['table without head', '<table><tr><td>Kyle</td><td>50</td></tr><tr><td>Martin</td><td>35</td></tr></table>', ['| Kyle | 50 |', '| Martin | 35 |', '| --- | --- |'], ['Kyle50']],
  ['blocks inside cells', '<table><tr><th>H</th><th>I</th></tr><tr><td><p>one</p><p>two</p></td><td>a<br>b<ul><li>x</li><li>y</li></ul></td></tr></table>', ['| one<br>two | a<br>b<br>- x<br>- y |'], ['onetwo', 'ab ']],
  ['language of code', '<pre><code class="language-ts">a</code></pre><div class="highlight-source-python"><pre>b</pre></div><pre class="brush: js;">c</pre><pre><code data-lang="rust">d</code></pre>', ['```ts\na', '```python\nb', '```js\nc', '```rust\nd'], []],
  ['line-number gutter', '<table><tr><td class="gutter"><pre>1\n2</pre></td><td class="code"><pre><code class="language-js"><span>if</span> (a) {\n  b();</code></pre></td></tr></table>', ['```js\nif (a) {\n  b();\n```'], ['| ', '1\n2']],
  ['code in code', '<pre>```js\nx\n```</pre><p><code>a `b` c</code>, <code>Map&lt;K, V&gt;</code>, <code>snake_case</code></p>', ['````\n```js\nx\n```\n````', '``a `b` c``', '`Map<K, V>`', '`snake_case`'], ['snake\\_case']],
  ['footnotes', '<p>Text<sup id="r1"><a href="#fn1">1</a></sup> more.</p><section><ol><li id="fn1"><p>The note. <a href="#r1">↩</a></p></li></ol></section>', ['Text[^1] more.', '[^1]: The note.'], ['↩']],
  ['formulas', '<p>Say <span class="katex"><span><math><semantics><mi>E</mi><annotation encoding="application/x-tex">E=mc^2</annotation></semantics></math></span><span aria-hidden="true">E=mc2</span></span></p><script type="math/tex; mode=display">a^2</script>', ['$E=mc^2$', '$$a^2$$'], ['E=mc2']],
  ['links', '<p><a href="../up">u</a> <a href="/r">r</a> <a href="//host/x">h</a> <a href="?q=1">q</a> <a href="a b(c)">p</a> <a href="javascript:x()">js</a></p>', ['[u](https://e.com/up)', '[r](https://e.com/r)', '[h](https://host/x)', '[q](https://e.com/d/p?q=1)', '[p](https://e.com/d/a%20b%28c%29)', 'js'], ['javascript:']],
  ['images', '<img src="i.png" alt="i"><img src="data:image/gif;base64,AA" data-src="/l.jpg" alt=l><picture><source srcset="/a.webp 1x, /b.webp 2x"><img alt=pic></picture><figure><img src="/f.jpg" alt=f><figcaption>Cap</figcaption></figure><img src="/p.gif" width=1 height=1>', ['![i](https://e.com/d/i.png)', '![l](https://e.com/l.jpg)', '![pic](https://e.com/b.webp)', 'Cap'], ['p.gif', 'data:']],
  ['cards', '<a href="/card"><img src="/c.jpg" alt="c"><h3>Title\n here</h3><p>desc</p></a><p><a href="/x"><img src="/y.jpg" alt="y"></a></p>', ['### [Title here](https://e.com/card)', 'desc', '[![y](https://e.com/y.jpg)](https://e.com/x)'], ['[\n']],
  ['lists', '<ol start=3><li>three<ul><li>a<ul><li>deep</li></ul></li></ul></li><li><p>four</p><p>second</p></li></ol><ul><li><input type=checkbox checked> done</li><li><input type=checkbox> open</li></ul>', ['3. three\n   - a\n     - deep', '4. four\n\n   second', '- [x] done', '- [ ] open'], []],
  ['literal characters', '<p>*x* _x_ &lt;div&gt; [x](y) [sic] snake_case</p><p># x</p><p>1986. Year</p><p>- x</p>', ['\\*x\\*', '\\_x\\_', '\\<div>', '\\[x\\](y)', '[sic] snake_case', '\\# x', '1986\\. Year', '\\- x'], ['snake\\_case']],
  ['marks', '<p><b>bold </b>text un<em>frigging</em>believable <b><i>bi</i></b> <del>gone</del> <b></b>x<br>y</p>', ['**bold** text', 'un*frigging*believable', '***bi***', '~~gone~~', 'x  \ny'], ['****']],
  ['what is no text', '<h2>Head <a href="#x">#</a></h2><script>s1</script><style>q1</style><template>t1</template><svg><text>v1</text></svg><p hidden>h1</p><details><summary>Sum</summary><p>Det</p></details><button>Push</button>', ['## Head\n', 'Sum', 'Det'], ['[#]', 's1', 'q1', 't1', 'v1', 'h1', 'Push']],
]; // prettier-ignore

/** What each case lacks or has too much; a clean case has nothing. */
export function checkMarkdown(convert) {
  return CASES.map(([name, html, wanted, unwanted]) => {
    const markdown = convert(html, URL_OF_PAGE);
    return {
      name,
      checks: wanted.length + unwanted.length,
      faults: [
        ...wanted.filter((part) => !markdown.includes(part)),
        ...unwanted.filter((part) => markdown.includes(part)).map((part) => `not ${part}`),
      ],
    };
  });
}
