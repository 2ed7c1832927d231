import { article } from './article.template.js';
import { documentation } from './documentation.template.js';
import { lexiconOf } from './lexicon.js';
import { type PageParts, layout } from './layout.js';
import { type PageContent, contentOf } from './page-content.js';
import { product } from './product.template.js';
import { hash32 } from './random.js';
import type { DuplicateKind, SiteModel } from './site-model.js';
import type { Template } from './site-options.js';
import { type Skin, skinOf } from './skin.js';
import { thread } from './thread.template.js';

/** What differs between templates. */
export interface PageBody {
  readonly openGraphType: string;
  readonly head: string;
  readonly main: string;
}

const BODIES: Readonly<Record<Template, (model: SiteModel, content: PageContent, skin: Skin) => PageBody>> = {
  article,
  documentation,
  product,
  thread,
};
const SALT = 501;

/** The HTML of a content page, or of its duplicate of a kind. */
export function contentPage(model: SiteModel, page: number, duplicate?: DuplicateKind): string {
  const content = contentOf(model, page, duplicate === 'near');
  const skin = skinOf(content.template, model.history.designOf(content.template));
  const body = BODIES[content.template](model, content, skin);
  const named = model.duplicateOf(page)?.kind ?? 'canonical';
  const html = layout(model, {
    ...commonParts(model, content, skin),
    openGraphType: body.openGraphType,
    // Exact and near duplicates can only be told by their text: neither side names the other.
    ...(named === 'canonical' ? { canonical: content.path } : {}),
    ...(model.isScripted(page)
      ? { main: shell(page, body.main, skin), head: '' }
      : { main: duplicate === 'canonical' ? `<p class="${skin.name('print')}">Print view</p>\n${body.main}` : body.main, head: body.head }),
    below: comments(content, skin),
  });
  return model.history.isRebuilt(content.template) ? html.replaceAll(/<(\/?)(?:main|article|section)\b/g, '<$1div') : html;
}

/** The data that a script builds the main part of a page from: `{"html": …}`. */
export function scriptData(model: SiteModel, page: number): string {
  const content = contentOf(model, page);
  const skin = skinOf(content.template, model.history.designOf(content.template));
  return JSON.stringify({ html: BODIES[content.template](model, content, skin).main });
}

/** Fetches the data that the root element names, or reads what stands beside it. */
export const APP_SCRIPT = `(async () => {
  const root = document.querySelector('[data-root]');
  const inline = document.querySelector('script[type="application/json"]');
  const data = inline === null ? await (await fetch(root.dataset.root)).json() : JSON.parse(inline.textContent);
  root.innerHTML = data.html;
})();
`;

/** Half of the scripted pages carry their data, half fetch it. */
function shell(page: number, main: string, skin: Skin): string {
  const inline =
    page % 8 < 4 ? `<script type="application/json">${JSON.stringify({ html: main }).replaceAll('<', '\\u003c')}</script>\n` : '';
  return `<div class="${skin.name('app')}" data-root="/data/${page}.json"></div>\n${inline}<script src="/assets/app.js" defer></script>`;
}

function commonParts(model: SiteModel, content: PageContent, skin: Skin): Omit<PageParts, 'main' | 'head' | 'openGraphType'> {
  const { path, language, title, description, page } = content;
  const size = 0.8 + (0.4 * (hash32(model.settings.seed, SALT, page) % 1_000)) / 1_000;
  return {
    path,
    skin,
    language,
    title,
    description,
    related: content.related.map((other) => [model.pathOf(other), model.titleOf(other)]),
    bytes: Math.round(model.settings.bytesPerPage * size),
  };
}

function comments(content: PageContent, skin: Skin): string {
  if (content.template !== 'article') return '';
  const items = content.comments.map(({ author, text }) => `<li class="${skin.name('comment')}"><b>${author}</b><p>${text}</p></li>`);
  return `<section class="${skin.name('comments')}" id="${skin.name('comments')}">
<h2>${lexiconOf(content.language).words.comments}</h2>
<ul>
${items.join('\n')}
</ul>
</section>
`;
}
