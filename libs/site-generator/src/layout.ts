import { type InterfaceWords, lexiconOf, type Language } from './lexicon.js';
import { TEMPLATES } from './site-options.js';
import { FOLDERS, type SiteModel } from './site-model.js';
import type { Skin } from './skin.js';

export interface PageParts {
  readonly path: string;
  readonly skin: Skin;
  readonly language: Language;
  readonly title: string;
  readonly description: string;
  readonly openGraphType: string;
  /** Absolute or root-relative; none when the page does not say. */
  readonly canonical?: string;
  readonly head?: string;
  readonly main: string;
  /** After the main part: comments, say. */
  readonly below?: string;
  readonly related: readonly (readonly [path: string, title: string])[];
  /** The page is filled with style rules up to this size. */
  readonly bytes?: number;
}

export const SITE_NAME = 'The Meander Courier';

/** A whole document. Texts must need no escaping, as the generator's never do. */
export function layout(model: SiteModel, parts: PageParts): string {
  const { skin, language, title } = parts;
  const { words } = lexiconOf(language);
  const head = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} | ${SITE_NAME}</title>
<meta name="description" content="${parts.description}">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${parts.description}">
<meta property="og:type" content="${parts.openGraphType}">
<meta property="og:site_name" content="${SITE_NAME}">
${parts.canonical === undefined ? '' : `<link rel="canonical" href="${model.url}${parts.canonical}">\n`}${parts.head ?? ''}`;
  const inner = `<main class="${skin.name('content')}">
${parts.main}
</main>
${sidebar(skin, words, parts.related)}`;
  const body = `<body class="${skin.name('page')}">
${header(skin, words)}
<div class="${skin.name('columns')}">
${boxed(skin, inner)}
</div>
${parts.below ?? ''}${footer(skin, words)}
</body>
</html>
`;
  const bytes = (parts.bytes ?? 0) - head.length - body.length;
  return `${head}\n<style>\n${skin.style(bytes)}</style>\n</head>\n${body}`;
}

/** Every new look has two more boxes around, up to eight. */
function boxed(skin: Skin, html: string): string {
  let text = html;
  for (let box = 0; box < Math.min(8, skin.design * 2); box += 1) text = `<div class="${skin.name(`box-${box}`)}">\n${text}\n</div>`;
  return text;
}

function header(skin: Skin, words: InterfaceWords): string {
  const links = TEMPLATES.map((template) => `<li><a href="${FOLDERS[template]}">${words.sections[template]}</a></li>`).join('');
  return `<header class="${skin.name('site-header')}" id="${skin.name('top')}">
<a class="${skin.name('logo')}" href="/">${SITE_NAME}</a>
<nav class="${skin.name('main-nav')}"><ul><li><a href="/">${words.home}</a></li>${links}</ul></nav>
</header>
<div class="${skin.name('cookie-banner')}" role="dialog"><p>${words.cookies}</p><button type="button">${words.accept}</button></div>`;
}

function sidebar(skin: Skin, words: InterfaceWords, related: PageParts['related']): string {
  const items = related.map(([path, title]) => `<li class="${skin.name('teaser')}"><a href="${path}">${title}</a></li>`).join('\n');
  return `<aside class="${skin.name('sidebar')}">
<h2>${words.related}</h2>
<ul>
${items}
</ul>
<form class="${skin.name('newsletter')}" action="/private/subscribe"><p>${words.newsletter}</p><input type="email" name="email"></form>
</aside>`;
}

function footer(skin: Skin, words: InterfaceWords): string {
  return `<footer class="${skin.name('site-footer')}"><p>${words.footer}</p><p><a href="/private/account" rel="nofollow">Account</a></p></footer>`;
}

/** What `layout` puts around the text and an extraction must leave out. */
export function boilerplateOf(language: Language): string[] {
  const { words } = lexiconOf(language);
  return [words.cookies, words.newsletter, words.footer];
}
