import type { SiteModel } from './site-model.js';

const ENTRIES_PER_PART = 1_000;
/** What the protocol allows in one file, https://www.sitemaps.org/protocol.html. */
const MAX_ENTRIES = 50_000;
const XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

/** The text of robots.txt, null when there is none. */
export function robotsText(model: SiteModel): string | null {
  const { robots, sitemap } = model.settings;
  if (robots !== 'default') return robots;
  return `User-agent: *\nDisallow: /private/\n${sitemap === false ? '' : `\nSitemap: ${model.url}/sitemap.xml\n`}`;
}

/** `/sitemap.xml`: every content page, or an index of the gzipped parts. */
export function siteMapRoot(model: SiteModel): string | undefined {
  if (model.settings.sitemap === false) return undefined;
  if (model.settings.sitemap === true) return urlSet(model, [...model.alive()].slice(0, MAX_ENTRIES));
  const parts = Array.from({ length: Math.ceil(model.history.count / ENTRIES_PER_PART) }, (_, part) => {
    const loc = `${model.url}/sitemaps/${part}.xml.gz`;
    return `<sitemap><loc>${loc}</loc><lastmod>${new Date(model.history.latestMs()).toISOString()}</lastmod></sitemap>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex ${XMLNS}>\n${parts.join('\n')}\n</sitemapindex>\n`;
}

/** One part of the index, before gzip. */
export function siteMapPart(model: SiteModel, path: string): string | undefined {
  const part = Number(/^\/sitemaps\/(\d{1,4})\.xml\.gz$/.exec(path)?.[1] ?? Number.NaN);
  if (model.settings.sitemap !== 'index-gz' || !(part * ENTRIES_PER_PART < model.history.count)) return undefined;
  const pages = Array.from({ length: ENTRIES_PER_PART }, (_, at) => part * ENTRIES_PER_PART + at);
  return urlSet(
    model,
    pages.filter((page) => page < model.history.count && !model.history.isRemoved(page)),
  );
}

function urlSet(model: SiteModel, pages: readonly number[]): string {
  const entries = pages.map((page) => {
    const modified = new Date(model.history.modifiedMs(page)).toISOString();
    return `<url><loc>${model.url}${model.pathOf(page)}</loc><lastmod>${modified}</lastmod></url>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset ${XMLNS}>\n${entries.join('\n')}\n</urlset>\n`;
}
