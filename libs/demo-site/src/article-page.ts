import type { ArticleHead, Entry } from './content.js';
import { escape, jsonLd, longDate } from './html.js';
import type { PageParts } from './layout.js';

export function articlePage(base: string, article: Entry<ArticleHead>): PageParts {
  const path = `/news/${article.slug}`;
  return {
    path,
    title: article.title,
    description: article.standfirst,
    openGraphType: 'article',
    image: article.image,
    crumbs: [
      ['/', 'Home'],
      ['/news/', 'News'],
    ],
    head: `${article.authors.map((author) => `<meta name="author" content="${escape(author)}">`).join('\n')}
<meta property="article:published_time" content="${article.published}">
<meta property="article:modified_time" content="${article.modified}">
${jsonLd({
  '@type': 'NewsArticle',
  headline: article.title,
  description: article.standfirst,
  datePublished: article.published,
  dateModified: article.modified,
  inLanguage: 'en',
  mainEntityOfPage: base + path,
  image: `${base}/images/${article.image}`,
  articleSection: article.section,
  keywords: article.tags,
  author: article.authors.map((name) => ({ '@type': 'Person', name })),
  publisher: { '@type': 'NewsMediaOrganization', name: 'The Harbor Gazette', url: `${base}/` },
})}`,
    main: articleBody(article, { by: 'By', and: 'and', language: 'en-GB' }),
  };
}

/** No structured data here: the page is found by its markup alone, in ISO-8859-1. */
export function frenchPage(article: Entry<ArticleHead>): PageParts {
  return {
    path: '/fr/la-rade',
    title: article.title,
    description: article.standfirst,
    language: 'fr',
    charset: 'iso-8859-1',
    image: article.image,
    crumbs: [['/', 'Home']],
    main: articleBody(article, { by: 'Par', and: 'et', language: 'fr-FR' }),
  };
}

function articleBody(article: Entry<ArticleHead>, words: { readonly by: string; readonly and: string; readonly language: string }): string {
  const authors = article.authors.map(escape).join(` ${words.and} `);
  const published = longDate(article.published, words.language);
  return `<article>
<p class="kicker">${escape(article.section)}</p>
<h1>${escape(article.title)}</h1>
<p class="standfirst">${escape(article.standfirst)}</p>
<p class="byline">${words.by} <span class="author">${authors}</span> · <time datetime="${article.published}">${published}</time></p>
<figure>
<img src="/images/${article.image}" alt="${escape(article.imageAlt)}" width="960" height="540">
<figcaption>${escape(article.caption)}</figcaption>
</figure>
<div class="story">
${article.html.trim()}
</div>
<ul class="tags" aria-label="Topics">${article.tags.map((tag) => `<li>${escape(tag)}</li>`).join('')}</ul>
</article>`;
}
