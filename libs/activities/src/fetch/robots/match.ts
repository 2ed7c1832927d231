import { matchesPattern, normalizePath } from '@gleaner/domain';
import type { RobotsGroup, RobotsRule } from './parse.js';

export interface RobotsVerdict {
  readonly allowed: boolean;
  /** The group's Crawl-delay, at most 30 s; 0 when there is none. */
  readonly crawlDelayMs: number;
}

const INDEX_PAGE = /^(.*\/)index\.htm[^/]*$/;

/** Octets of the longest match; -1 when the rule does not apply. `Allow: /index.html` also allows the folder, as Google has it. */
function specificity(path: string, rule: RobotsRule): number {
  if (matchesPattern(path, rule.pattern)) return rule.pattern.length;
  const folder = rule.allow ? INDEX_PAGE.exec(rule.pattern)?.[1] : undefined;
  return folder !== undefined && matchesPattern(path, `${folder}$`) ? folder.length + 1 : -1;
}

/** Groups that name the token, merged; where none does, those of `*` (RFC 9309 §2.2.1). */
function groupsOf(groups: readonly RobotsGroup[], token: string): readonly RobotsGroup[] {
  const named = token === '' ? [] : groups.filter((group) => group.agents.includes(token));
  return named.length > 0 ? named : groups.filter((group) => group.isGlobal);
}

/** What the rules say about a URL for a product token (lower case). The longest match decides, Allow wins a tie. */
export function judgeByRobots(groups: readonly RobotsGroup[], token: string, url: URL): RobotsVerdict {
  const applicable = groupsOf(groups, token);
  const crawlDelayMs = Math.max(0, ...applicable.map((group) => group.crawlDelayMs ?? 0));
  if (url.pathname === '/robots.txt') return { allowed: true, crawlDelayMs };
  const path = normalizePath(url);
  let allow = 0;
  let disallow = 0;
  for (const rule of applicable.flatMap((group) => group.rules)) {
    const octets = specificity(path, rule);
    if (rule.allow) allow = Math.max(allow, octets);
    else disallow = Math.max(disallow, octets);
  }
  return { allowed: disallow <= allow, crawlDelayMs };
}
