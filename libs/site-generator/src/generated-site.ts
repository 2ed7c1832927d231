import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control } from './control.js';
import { type CrawlExpectation, expectationOf } from './expectation.js';
import { PageHandler } from './page-handler.js';
import { type ServedCounts, ServedLog } from './served-log.js';
import { SiteModel } from './site-model.js';
import { MAX_PAGES, type SiteOptions, TEMPLATES, type Template, inRange, siteSettings } from './site-options.js';
import { type PageTruth, truthOf } from './truth.js';

/** What happens to the site between two visits. Each returns the paths it hit. */
export interface SiteChanges {
  /** Other text in a share (0 … 1) of the pages: new ETag, later Last-Modified, later lastmod in the site map. */
  change(share: number): string[];
  /** 404 or 410 for a share (0 … 1) of the pages. */
  remove(share: number): string[];
  /** So many new pages, linked from the last index pages. */
  add(pages: number): string[];
  /** Other names for every class and id, and more boxes around, in one template or everywhere; the text stays. */
  redesign(template?: Template | 'listing'): void;
  /** The same, and its pages are of plain boxes where they had elements with a meaning. */
  rebuild(template: Template): void;
}

export interface GeneratedSite extends SiteChanges {
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  /** `127.0.0.1:41234`. */
  readonly address: string;
  /** Every canonical path that a complete crawl must store, made as it is asked for. */
  paths(): Iterable<string>;
  /** What is on a content page now; undefined for any other path. */
  truthOf(path: string): PageTruth | undefined;
  expected(): CrawlExpectation;
  served(): ServedCounts;
  /** Requests for one path with its query. */
  servedOf(path: string): number;
  resetCounts(): void;
  close(): Promise<void>;
}

/**
 * Serves a whole site made from a seed; pages are made when they are asked for and never kept. With `controlled` another
 * process can see counts and change the site over HTTP, see `control`.
 * @throws RangeError for options out of range, the error of `listen`, EADDRINUSE for one.
 */
export async function startGeneratedSite(options: SiteOptions, controlled = false): Promise<GeneratedSite> {
  const settings = siteSettings(options);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = `${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${(server.address() as AddressInfo).port}`;
  const model = new SiteModel(settings, `http://${address}`);
  const log = new ServedLog();
  const handler = new PageHandler(model, log);
  const changes = changesOf(model);
  server.on('request', (request, response) => {
    if (!controlled || !control(request, response, { changes, log })) handler.handle(request, response);
  });
  return {
    url: model.url,
    address,
    ...changes,
    paths: () => model.paths(),
    truthOf: (path) => truthOf(model, path),
    expected: () => expectationOf(model),
    served: () => log.counts(),
    servedOf: (path) => log.countOf(path),
    resetCounts: () => log.reset(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function changesOf(model: SiteModel): SiteChanges {
  const pathsOf = (pages: readonly number[]): string[] => pages.map((page) => model.pathOf(page));
  return {
    change: (share) => pathsOf(model.history.change(shareOf(share))),
    remove: (share) => pathsOf(model.history.remove(shareOf(share))),
    add: (pages) => {
      if (!Number.isInteger(pages) || pages < 0 || model.history.count + pages > MAX_PAGES)
        throw new RangeError(`a site has at most ${MAX_PAGES} pages`);
      return pathsOf(model.history.add(pages));
    },
    redesign: (template) => model.history.redesign(template === undefined ? [...TEMPLATES, 'listing'] : [template]),
    rebuild: (template) => model.history.redesign([template], true),
  };
}

function shareOf(share: number): number {
  inRange('share', share, 0, 1);
  return share;
}
