import type { PageBody } from './content-page.js';
import { type PageContent, headingAt } from './page-content.js';
import type { SiteModel } from './site-model.js';
import type { Skin } from './skin.js';

const CALLS = ['open', 'read', 'merge', 'rotate', 'flush', 'index', 'resume', 'drain'] as const;
const THINGS = ['Ledger', 'Segment', 'Cursor', 'Channel', 'Snapshot', 'Schedule', 'Quota'] as const;
const SALT = 201;

/** A guide: sections with ids, code, a table; its author and date are in meta elements. */
export function documentation(model: SiteModel, content: PageContent, skin: Skin): PageBody {
  const { title, paragraphs, page } = content;
  const random = model.random(SALT, page);
  const contents: string[] = [];
  const parts = paragraphs.map((paragraph, index) => {
    if (index % 3 !== 0) return `<p>${paragraph}</p>`;
    const heading = headingAt(model, page, index);
    const id = skin.name(`part-${index}`);
    contents.push(`<li><a href="#${id}">${heading}</a></li>`);
    const call = `${random.pick(CALLS)}${random.pick(THINGS)}`;
    const code = `const result = await client.${call}({ limit: ${random.below(900)}, page: ${page} });\nif (result.rest > ${random.below(50)}) await client.${random.pick(CALLS)}(result);`;
    return `<h2 id="${id}">${heading}</h2>
<p>${paragraph}</p>
<pre class="${skin.name('code')}"><code class="language-js">${code.replaceAll('>', '&gt;')}</code></pre>`;
  });
  const rows = THINGS.slice(0, 4).map((thing) => `<tr><td>${thing.toLowerCase()}Limit</td><td>${random.below(10_000)}</td></tr>`);
  return {
    openGraphType: 'website',
    head: `<meta name="author" content="${content.author}">\n<meta name="date" content="${content.publishedAt}">`,
    main: `<nav class="${skin.name('toc')}"><ol>${contents.join('')}</ol></nav>
<div class="${skin.name('doc')}">
<h1>${title}</h1>
${parts.join('\n')}
<table class="${skin.name('settings')}"><thead><tr><th>Setting</th><th>Default</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
</div>`,
  };
}
