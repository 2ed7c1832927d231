import { MAX_ROBOTS_BYTES } from './parse.js';

const MAX_SITEMAPS = 50;

/** Addresses of the Sitemap lines of a robots.txt, which belong to no group (https://www.sitemaps.org/protocol.html#submit_robots). */
export function sitemapsOf(body: Uint8Array): readonly string[] {
  const text = new TextDecoder('utf-8').decode(body.subarray(0, MAX_ROBOTS_BYTES));
  const named = text.split(/\r\n|\r|\n/).flatMap((line) => /^\s*site-?map\s*:\s*(\S+)/i.exec(line)?.[1] ?? []);
  return [...new Set(named)].slice(0, MAX_SITEMAPS);
}
