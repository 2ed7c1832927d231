// What a known site saves: CPU of parsing, of extraction by rules, of general extraction and of learning, on the same pages.
import { extractGeneral, extractPage, learnTemplate, parsePage } from '@gleaner/extraction';
import { cpuMsOf, spread } from './cpu.mjs';

const SAMPLES = 3;

const versionOf = ({ config, scores }) => ({ site: '', templateId: '', shape: '', version: 1, state: 'active', pinned: false, config, scores, author: 'heuristic', model: null, costUsd: 0, sampleUrls: [], createdAt: '' }); // prettier-ignore

/** Each page is a site of its own here: its template is learned from copies of it, which says what rules cost, not how right they are. */
export function measureFastPath(pages) {
  const ms = { parse: [], learn: [], general: [], template: [] };
  let byTemplate = 0;
  for (const { html, url } of pages) {
    const samples = Array.from({ length: SAMPLES }, () => ({ page: parsePage(html, url), url }));
    const learned = {};
    ms.learn.push(cpuMsOf(() => Object.assign(learned, learnTemplate(samples))));
    let page = parsePage(html, url);
    ms.parse.push(cpuMsOf(() => (page = parsePage(html, url))));
    ms.general.push(cpuMsOf(() => extractGeneral(page)));
    if (learned.kind !== 'learned') continue;
    const version = versionOf(learned);
    extractPage(parsePage(html, url), version); // a known site's selectors are compiled once
    const fresh = parsePage(html, url);
    ms.template.push(cpuMsOf(() => extractPage(fresh, version).page.method === 'template' && byTemplate++));
  }
  const rows = Object.entries(ms).map(([step, values]) => ({ step, ...spread(values) }));
  return { rows, share: byTemplate / Math.max(1, pages.length) };
}
