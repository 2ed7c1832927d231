import type { PageBody } from './content-page.js';
import { lexiconOf } from './lexicon.js';
import { type PageContent, headingAt } from './page-content.js';
import { SITE_NAME } from './layout.js';
import type { SiteModel } from './site-model.js';
import type { Skin } from './skin.js';

/** News: its facts are in JSON-LD. */
export function article(model: SiteModel, content: PageContent, skin: Skin): PageBody {
  const { title, author, publishedAt, paragraphs, page } = content;
  const { by } = lexiconOf(content.language).words;
  const data = {
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    headline: title,
    description: content.description,
    datePublished: publishedAt,
    inLanguage: content.language,
    author: [{ '@type': 'Person', name: author }],
    publisher: { '@type': 'Organization', name: SITE_NAME },
  };
  const text = paragraphs.map((paragraph, index) => {
    const heading = index > 0 && index % 5 === 0 ? `<h2>${headingAt(model, page, index)}</h2>\n` : '';
    return `${heading}<p>${paragraph}</p>`;
  });
  return {
    openGraphType: 'article',
    head: `<meta name="author" content="${author}">
<meta property="article:published_time" content="${publishedAt}">
<script type="application/ld+json">${JSON.stringify(data)}</script>`,
    main: `<article class="${skin.name('story')}">
<h1 class="${skin.name('headline')}">${title}</h1>
<p class="${skin.name('byline')}">${by} <span class="${skin.name('author')}">${author}</span> <time datetime="${publishedAt}">${publishedAt.slice(0, 10)}</time></p>
<div class="${skin.name('story-body')}">
${text.join('\n')}
</div>
</article>`,
  };
}
