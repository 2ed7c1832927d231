import { createHash } from 'node:crypto';
import { articlePage, frenchPage } from './article-page.js';
import type { Content } from './content.js';
import { forumPage } from './forum-page.js';
import { guidePage } from './guide-page.js';
import { escape } from './html.js';
import { type PageParts, layout } from './layout.js';
import { listingPages } from './listing-page.js';
import { productPage } from './product-page.js';

export type PageKind = 'listing' | 'article' | 'documentation' | 'product' | 'forum' | 'script' | 'other';

export interface DemoPage {
  readonly path: string;
  /** The main heading. */
  readonly title: string;
  /** `script`: built by JavaScript alone. */
  readonly kind: PageKind;
}

export interface Resource {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly location?: string;
}

export interface Site {
  readonly pages: readonly DemoPage[];
  readonly resources: ReadonlyMap<string, Resource>;
  readonly notFound: Resource;
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
};

/** Everything that is served, rendered once for the site's base URL. */
export function buildSite(base: string, content: Content): Site {
  const resources = new Map<string, Resource>();
  const pages: DemoPage[] = [];
  const add = (parts: PageParts, kind: PageKind): void => {
    const charset = parts.charset ?? 'utf-8';
    const html = layout(base, content, parts);
    resources.set(parts.path, resource(charset === 'utf-8' ? Buffer.from(html) : latin1(html), `text/html; charset=${charset}`));
    pages.push({ path: parts.path, title: /<h1>(.*?)<\/h1>/.exec(parts.main)?.[1] ?? parts.title, kind });
  };
  for (const parts of listingPages(content)) add(parts, 'listing');
  for (const article of content.articles) add(articlePage(base, article), 'article');
  for (const guide of content.guides) add(guidePage(guide), 'documentation');
  for (const product of content.products) add(productPage(base, product), 'product');
  for (const thread of content.threads) add(forumPage(thread), 'forum');
  add(frenchPage(content.french), 'article');
  add(
    {
      path: '/about',
      title: content.about.title,
      description: 'Who writes this, and whether any of it is true.',
      main: `<article><h1>${escape(content.about.title)}</h1>\n${content.about.html.trim()}</article>`,
    },
    'other',
  );

  for (const [path, body] of content.files)
    resources.set(path, resource(body, TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'));
  resources.set('/live/tides', resource(Buffer.from(scriptShell()), 'text/html; charset=utf-8'));
  resources.set('/news/latest', {
    ...resource(Buffer.alloc(0), 'text/plain'),
    status: 302,
    location: `/news/${content.articles[0]?.slug ?? ''}`,
  });
  resources.set(
    '/robots.txt',
    resource(Buffer.from(`User-agent: *\nDisallow: /newsroom/\n\nSitemap: ${base}/sitemap.xml\n`), 'text/plain; charset=utf-8'),
  );
  const drafts: PageParts = {
    path: '/newsroom/drafts',
    title: 'Drafts',
    description: 'Not for robots.',
    head: '<meta name="robots" content="noindex">',
    main: '<h1>Drafts</h1>\n<p>robots.txt asks programs to stay out of here, and a polite one never reads this line.</p>',
  };
  resources.set(drafts.path, resource(Buffer.from(layout(base, content, drafts)), 'text/html; charset=utf-8'));
  const all = [...pages, { path: '/live/tides', title: 'Tide board for the north mole', kind: 'script' as const }];
  resources.set('/sitemap.xml', resource(Buffer.from(sitemap(base, all, content)), 'application/xml; charset=utf-8'));

  const lost: PageParts = {
    path: '/not-found',
    title: 'Lost at sea',
    description: 'There is no such page.',
    head: '<meta name="robots" content="noindex">',
    main: '<h1>Lost at sea</h1>\n<p class="standfirst">There is no page at this address. The <a href="/">front page</a> has a lantern in the window.</p>',
  };
  return {
    pages: all,
    resources,
    notFound: { ...resource(Buffer.from(layout(base, content, lost)), 'text/html; charset=utf-8'), status: 404 },
  };
}

function resource(body: Buffer, contentType: string): Resource {
  return {
    status: 200,
    contentType,
    body,
    etag: `"${createHash('sha256').update(contentType).update(body).digest('base64url').slice(0, 22)}"`,
  };
}

/** Characters that ISO-8859-1 does not have become references. */
function latin1(html: string): Buffer {
  return Buffer.from(
    html.replace(/[\u0100-\u{10ffff}]/gu, (character) => `&#${character.codePointAt(0)};`),
    'latin1',
  );
}

/** No navigation, no text: an honest single-page application. */
function scriptShell(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Harbor Gazette</title>
<link rel="stylesheet" href="/assets/site.css">
<script type="module" src="/assets/tides.js"></script>
</head>
<body>
<div class="page"><main id="board"></main></div>
<noscript>This page needs JavaScript.</noscript>
</body>
</html>
`;
}

function sitemap(base: string, pages: readonly DemoPage[], content: Content): string {
  const changed = new Map(content.articles.map((article) => [`/news/${article.slug}`, article.modified.slice(0, 10)]));
  for (const guide of content.guides) changed.set(`/handbook/${guide.slug}`, guide.updated);
  const lastmod = (path: string): string => (changed.has(path) ? `<lastmod>${changed.get(path)}</lastmod>` : '');
  const urls = pages.map(({ path }) => `<url><loc>${base}${path}</loc>${lastmod(path)}</url>\n`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls}</urlset>\n`;
}
