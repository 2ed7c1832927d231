import { gzipSync } from 'node:zlib';
import { APP_SCRIPT, contentPage, scriptData } from './content-page.js';
import { homePage, listingPage } from './listing-page.js';
import { hash32, textHash } from './random.js';
import { templateOf } from './site-history.js';
import type { DuplicateKind, SiteModel } from './site-model.js';
import { robotsText, siteMapPart, siteMapRoot } from './site-map.js';
import { trapPage } from './trap-page.js';

/** An answer before it is written; `body` is called only when it is sent. */
export interface Resource {
  readonly status: number;
  readonly contentType: string;
  readonly body: () => string | Buffer;
  readonly etag?: string;
  /** Milliseconds since 1970. */
  readonly modifiedMs?: number;
  readonly location?: string;
  /** The content page that it shows, under whichever address. */
  readonly page?: number;
}

const HTML = 'text/html; charset=utf-8';
const MAX_HOPS = 20;

/** The answer to a path with its query, as the site is now; 404 for what it does not know. */
export function resourceAt(model: SiteModel, target: string): Resource {
  const path = target.replace(/\?.*$/, '');
  return (
    fixed(model, path) ??
    index(model, path) ??
    content(model, path) ??
    redirect(model, path) ??
    trap(model, target) ??
    plain(404, 'No such page')
  );
}

function plain(status: number, text: string): Resource {
  return { status, contentType: HTML, body: () => `<!doctype html><html lang="en"><title>${status}</title><p>${text}</p></html>` };
}

function moved(status: number, location: string): Resource {
  return { status, contentType: HTML, location, body: () => '' };
}

function fixed(model: SiteModel, path: string): Resource | undefined {
  if (path === '/robots.txt') {
    const text = robotsText(model);
    return text === null ? undefined : { status: 200, contentType: 'text/plain; charset=utf-8', body: () => text };
  }
  if (path === '/assets/app.js') return { status: 200, contentType: 'text/javascript; charset=utf-8', body: () => APP_SCRIPT };
  if (path === '/files/catalogue.zip') return { status: 200, contentType: 'application/zip', body: () => Buffer.from('PK\u0005\u0006') };
  if (path.startsWith('/private/')) return plain(200, 'Robots must not read this.');
  const root = path === '/sitemap.xml' ? siteMapRoot(model) : undefined;
  if (root !== undefined) return { status: 200, contentType: 'application/xml', body: () => root };
  const part = siteMapPart(model, path);
  return part === undefined ? undefined : { status: 200, contentType: 'application/gzip', body: () => gzipSync(part) };
}

function index(model: SiteModel, path: string): Resource | undefined {
  const found = model.listingAt(path);
  if (path !== '/' && found === undefined) return undefined;
  const html = found === undefined ? homePage(model) : listingPage(model, found.template, found.listing);
  return {
    status: 200,
    contentType: HTML,
    body: () => html,
    etag: `"i${textHash(0, html).toString(16)}"`,
    modifiedMs: model.history.latestMs(),
  };
}

function content(model: SiteModel, path: string): Resource | undefined {
  const data = model.numberIn(/^\/data\/(\d{1,7})\.json$/, path);
  if (data !== undefined && model.isScripted(data) && !model.history.isRemoved(data))
    return { status: 200, contentType: 'application/json', body: () => scriptData(model, data) };
  const copied = model.numberIn(/^\/(?:copy|mirror|print)\/(\d{1,7})$/, path);
  const duplicate = copied === undefined ? undefined : model.duplicateOf(copied);
  if (copied !== undefined && duplicate?.path === path) return shown(model, copied, duplicate.kind);
  const page = model.pageAt(path);
  return page === undefined ? undefined : shown(model, page);
}

function shown(model: SiteModel, page: number, duplicate?: DuplicateKind): Resource {
  if (model.history.isRemoved(page)) return { ...plain(model.statusOf(page, [404, 410]), 'This page was removed.'), page };
  const version = [model.history.editionOf(page), model.history.designOf(templateOf(page))];
  return {
    status: 200,
    contentType: HTML,
    body: () => contentPage(model, page, duplicate),
    etag: `"${duplicate ?? 'page'}-${page}-${hash32(model.settings.seed, ...version).toString(16)}"`,
    modifiedMs: model.history.modifiedMs(page),
    page,
  };
}

function redirect(model: SiteModel, path: string): Resource | undefined {
  if (!model.settings.redirects) return undefined;
  if (path === '/loop/a') return moved(302, '/loop/b');
  if (path === '/loop/b') return moved(302, '/loop/a');
  const from = model.numberIn(/^\/moved\/(\d{1,7})$/, path);
  if (from !== undefined) return moved(301, model.pathOf(from));
  const chained = model.numberIn(/^\/chain\/(\d{1,7})\/\d{1,2}$/, path);
  const hops = Number(path.slice(path.lastIndexOf('/') + 1));
  if (chained === undefined || hops < 1 || hops > MAX_HOPS) return undefined;
  return moved(302, hops === 1 ? model.pathOf(chained) : `/chain/${chained}/${hops - 1}`);
}

function trap(model: SiteModel, target: string): Resource | undefined {
  if (!model.settings.traps) return undefined;
  const html = trapPage(model, target);
  return html === undefined ? undefined : { status: 200, contentType: HTML, body: () => html };
}
