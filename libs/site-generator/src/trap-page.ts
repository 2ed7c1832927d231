import { layout } from './layout.js';
import { sentence } from './prose.js';
import { textHash } from './random.js';
import type { SiteModel } from './site-model.js';
import { skinOf } from './skin.js';

/** Where the traps begin, as the home page links them. */
export const LINK_TRAPS: readonly [path: string, text: string][] = [
  ['/calendar/2025/1', 'Calendar'],
  ['/facets', 'Find by colour'],
  ['/deeper/', 'Archive'],
  ['/lounge?sid=0', 'Lounge'],
];

/** Every trap's path begins with one of these. */
export const TRAP_PREFIXES: readonly string[] = ['/calendar/', '/facets', '/deeper/', '/lounge'];

const FACETS = { colour: ['red', 'blue', 'green'], size: ['s', 'm', 'l'], sort: ['price', 'name'], view: ['list', 'grid'] } as const;
const MAX_PATH_CHARACTERS = 4_000;

/** A page of a trap, or undefined when the path is none. `target` is path and query. */
export function trapPage(model: SiteModel, target: string): string | undefined {
  const links = trapLinks(target, model.settings.seed);
  if (links === undefined) return undefined;
  const random = model.random(textHash(model.settings.seed, target.startsWith('/lounge') ? '/lounge' : target));
  return layout(model, {
    path: target,
    skin: skinOf('listing', model.history.designOf('listing')),
    language: 'en',
    title: 'Selection',
    description: 'A part of the archive.',
    openGraphType: 'website',
    main: `<h1>Selection</h1>
<p>${sentence('en', random)} ${sentence('en', random)}</p>
<ul>${links.map((link) => `<li><a href="${link.replaceAll('&', '&amp;')}">Next</a></li>`).join('')}</ul>`,
    related: [],
  });
}

function trapLinks(target: string, seed: number): string[] | undefined {
  if (target.length > MAX_PATH_CHARACTERS) return undefined;
  const month = /^\/calendar\/(\d{1,6})\/(\d{1,2})$/.exec(target);
  if (month !== null) {
    const next = Number(month[1]) * 12 + Number(month[2]);
    return [next - 2, next].map((at) => `/calendar/${Math.floor(at / 12)}/${(at % 12) + 1}`);
  }
  if (/^\/facets(?:\?|$)/.test(target)) return facetLinks(new URLSearchParams(target.slice('/facets'.length)));
  // Relative: a folder deeper every time.
  if (/^\/deeper\/(?:deeper\/)*$/.test(target)) return ['deeper/'];
  if (/^\/lounge\?sid=[\da-f]{1,8}$/.test(target)) return [`/lounge?sid=${textHash(seed, target).toString(16)}`];
  return undefined;
}

/** One value more or other than now for every facet, and a page further. */
function facetLinks(now: URLSearchParams): string[] {
  const links: string[] = [];
  const entries: [string, string][] = Object.entries(FACETS).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  entries.push(['page', String(Number(now.get('page') ?? '1') + 1)]);
  for (const [name, value] of entries) {
    if (now.get(name) === value) continue;
    const next = new URLSearchParams(now);
    next.set(name, value);
    links.push(`/facets?${next.toString()}`);
  }
  return links;
}
