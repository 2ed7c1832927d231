import { layout } from './layout.js';
import { lexiconOf } from './lexicon.js';
import { LINK_TRAPS } from './trap-page.js';
import { FOLDERS, type SiteModel } from './site-model.js';
import { TEMPLATES, type Template } from './site-options.js';
import { skinOf } from './skin.js';

/** Every so many pages have an old address that redirects. */
export const MOVED_EVERY = 25;
export const CHAINED_EVERY = 50;

const INDEX_BYTES = 12_000;

/** The home page: the sections, and whatever else a crawler must find from it. */
export function homePage(model: SiteModel): string {
  const { words } = lexiconOf('en');
  const skin = skinOf('listing', model.history.designOf('listing'));
  const sections = TEMPLATES.map(
    (template) => `<li class="${skin.name('card')}"><a href="${FOLDERS[template]}">${words.sections[template]}</a></li>`,
  );
  const others: [string, string][] = [
    ['/missing', 'An old campaign'],
    ['/files/catalogue.zip', 'Catalogue for download'],
    ...(model.settings.redirects ? [['/loop/a', 'Today in brief'] satisfies [string, string]] : []),
    ...(model.settings.traps ? LINK_TRAPS : []),
  ];
  return layout(model, {
    path: '/',
    skin,
    language: 'en',
    title: words.home,
    description: 'News, guides, a shop and a forum from one town on a winding river.',
    openGraphType: 'website',
    canonical: '/',
    main: `<h1>${words.home}</h1>\n<ul class="${skin.name('cards')}">\n${sections.join('\n')}\n</ul>`,
    related: others,
    bytes: INDEX_BYTES,
  });
}

/** One index page of a section: twenty entries and the pager. */
export function listingPage(model: SiteModel, template: Template, listing: number): string {
  const name = lexiconOf('en').words.sections[template];
  const skin = skinOf('listing', model.history.designOf('listing'));
  const title = listing === 0 ? name : `${name}, page ${listing + 1}`;
  const entries = model.listed(template, listing).map((page) => {
    const links = otherLinks(model, page).map(([path, text]) => ` <a class="${skin.name('more')}" href="${path}">${text}</a>`);
    return `<li class="${skin.name('card')}"><h2><a href="${model.pathOf(page)}">${model.titleOf(page)}</a></h2>${links.join('')}</li>`;
  });
  const pager = model
    .pagerOf(template, listing)
    .map((other) => `<a href="${model.listingPath(template, other)}">${other + 1}</a>`)
    .join(' ');
  return layout(model, {
    path: model.listingPath(template, listing),
    skin,
    language: 'en',
    title,
    description: `Everything in ${name}, page ${listing + 1}.`,
    openGraphType: 'website',
    canonical: model.listingPath(template, listing),
    main: `<h1>${title}</h1>\n<ul class="${skin.name('cards')}">\n${entries.join('\n')}\n</ul>\n<nav class="${skin.name('pager')}">${pager}</nav>`,
    related: [],
    bytes: INDEX_BYTES,
  });
}

/** The other addresses of a page that its entry also links: duplicates, tracked and old ones. */
function otherLinks(model: SiteModel, page: number): [path: string, text: string][] {
  const links: [string, string][] = [];
  const duplicate = model.duplicateOf(page);
  if (duplicate !== undefined) {
    links.push([duplicate.path, 'Again']);
    links.push([`${model.pathOf(page)}?utm_source=letter&amp;utm_medium=email`, 'From the letter']);
    links.push([`${model.pathOf(page)}#comments`, 'Comments']);
  }
  if (model.settings.redirects && page % MOVED_EVERY === 0) links.push([`/moved/${page}`, 'Old address']);
  if (model.settings.redirects && page % CHAINED_EVERY === 0) links.push([`/chain/${page}/3`, 'Oldest address']);
  return links;
}
