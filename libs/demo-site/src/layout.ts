import type { Content } from './content.js';
import { escape } from './html.js';

export interface PageParts {
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly main: string;
  /** Further elements for the head. */
  readonly head?: string;
  readonly language?: string;
  readonly charset?: string;
  readonly openGraphType?: 'article' | 'website' | 'product';
  readonly image?: string;
  readonly crumbs?: readonly (readonly [string, string])[];
  readonly hasSide?: boolean;
}

const SECTIONS = [
  ['/', 'Home'],
  ['/news/', 'News'],
  ['/handbook/', 'Handbook'],
  ['/shop/', 'Shop'],
  ['/forum/', 'Forum'],
  ['/live/tides', 'Tides'],
] as const;

/** The frame that all pages share: masthead, navigation, related lists, footer, cookie box. */
export function layout(base: string, content: Content, parts: PageParts): string {
  const { path, language = 'en', charset = 'utf-8', hasSide = true } = parts;
  const image = parts.image === undefined ? '' : `\n<meta property="og:image" content="${base}/images/${parts.image}">`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="${charset}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(parts.title)} – The Harbor Gazette</title>
<meta name="description" content="${escape(parts.description)}">
<link rel="canonical" href="${base}${path}">
<link rel="stylesheet" href="/assets/site.css">
<link rel="icon" href="/images/shop-lantern.svg" type="image/svg+xml">
<meta property="og:site_name" content="The Harbor Gazette">
<meta property="og:type" content="${parts.openGraphType ?? 'website'}">
<meta property="og:title" content="${escape(parts.title)}">
<meta property="og:url" content="${base}${path}">${image}
${parts.head ?? ''}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="masthead">
<a class="name" href="/">The Harbor Gazette</a>
<p>Skerryvane, every Friday since 1868 · wind south-west, force four</p>
<nav class="main" aria-label="Sections">${SECTIONS.map(([href, name]) => navLink(href, name, path)).join('')}</nav>
</header>
<div class="page${hasSide ? ' with-side' : ''}">
<main id="content">
${crumbs(parts)}${parts.main}
</main>
${hasSide ? side(content, path) : ''}
</div>
<footer class="site">
<p>
<a href="/about">About the Gazette</a><a href="/fr/la-rade">En français</a>
<a href="/sitemap.xml">Site map</a><a href="/news/latest">Latest story</a>
</p>
<p>© 1868–2026 The Harbor Gazette, Slip Street, Skerryvane. All of it is made up.</p>
</footer>
<dialog class="cookie-box" open aria-label="Cookies"><form method="dialog">
<p>We keep our cookies in a tin behind the counter, and none in your browser. You may close this box with a good conscience.</p>
<button>Very well</button>
</form></dialog>
</body>
</html>
`;
}

function navLink(href: string, name: string, path: string): string {
  const isHere = href === '/' ? path === '/' : path.startsWith(href);
  return `<a href="${href}"${isHere ? ' aria-current="page"' : ''}>${name}</a>`;
}

function crumbs({ crumbs: steps = [], title }: PageParts): string {
  if (steps.length === 0) return '';
  const links = steps.map(([href, name]) => `<a href="${href}">${escape(name)}</a> › `).join('');
  return `<nav class="crumbs" aria-label="Breadcrumbs">${links}${escape(title)}</nav>\n`;
}

function side(content: Content, path: string): string {
  const list = (links: readonly (readonly [string, string])[]): string =>
    `<ul>${links
      .filter(([href]) => href !== path)
      .map(([href, name]) => `<li><a href="${href}">${escape(name)}</a></li>`)
      .join('')}</ul>`;
  return `<aside class="side" aria-label="More from the Gazette">
<h2>More stories</h2>
${list(content.articles.map((article) => [`/news/${article.slug}`, article.title]))}
<h2>From the handbook</h2>
${list(content.guides.map((guide) => [`/handbook/${guide.slug}`, guide.title]))}
<h2>In the shop</h2>
${list(content.products.map((product) => [`/shop/${product.slug}`, `${product.name}, ${product.price} €`]))}
</aside>`;
}
