import { normalizePattern } from '@gleaner/domain';
import { productToken } from './product-token.js';

/** What is read of a robots.txt: RFC 9309 §2.5 wants at least 500 KiB. */
export const MAX_ROBOTS_BYTES = 500 * 1024;
/** Longer lines are cut, as Google's parser does: 2,083 (the longest URL of old browsers) × 8. */
const MAX_LINE_LENGTH = 16_664;
const MAX_CRAWL_DELAY_SECONDS = 30;

export interface RobotsRule {
  readonly allow: boolean;
  /** Normalized for comparison, see `normalizePattern`. */
  readonly pattern: string;
}

export interface RobotsGroup {
  /** Product tokens, lower case. */
  readonly agents: readonly string[];
  /** True when the group names `*`. */
  readonly isGlobal: boolean;
  readonly rules: readonly RobotsRule[];
  /** From the Crawl-delay line, which RFC 9309 does not know; capped at 30 s. */
  readonly crawlDelayMs: number | null;
}

interface OpenGroup {
  agents: string[];
  isGlobal: boolean;
  rules: RobotsRule[];
  crawlDelayMs: number | null;
}

type Key = 'user-agent' | 'allow' | 'disallow' | 'crawl-delay';

/** Keys by prefix and the misspellings that Google's parser forgives. */
const KEYS: readonly (readonly [prefix: string, key: Key])[] = [
  ['user-agent', 'user-agent'],
  ['useragent', 'user-agent'],
  ['user agent', 'user-agent'],
  ['disallow', 'disallow'],
  ['dissallow', 'disallow'],
  ['dissalow', 'disallow'],
  ['disalow', 'disallow'],
  ['diasllow', 'disallow'],
  ['disallaw', 'disallow'],
  ['allow', 'allow'],
  ['crawl-delay', 'crawl-delay'],
  ['crawldelay', 'crawl-delay'],
];

const BLANK = '[\\t\\n\\v\\f\\r ]';
const EDGES = new RegExp(`^${BLANK}+|${BLANK}+$`, 'g');

/** Strips ASCII white space only: in a text of bytes 0xA0 is part of a character. */
function strip(text: string): string {
  return text.replace(EDGES, '');
}

/** One line as key and value; a missing colon is forgiven where there are exactly two words. */
function splitLine(raw: string): readonly [string, string] | null {
  const line = strip(raw.slice(0, MAX_LINE_LENGTH).split('#', 1)[0] ?? '');
  const colon = line.indexOf(':');
  if (colon > 0) return [strip(line.slice(0, colon)), strip(line.slice(colon + 1))];
  if (colon === 0) return null;
  const words = /^(\S+)[ \t]+(\S+)$/.exec(line);
  return words?.[1] !== undefined && words[2] !== undefined ? [words[1], words[2]] : null;
}

function keyOf(name: string): Key | null {
  const lower = name.toLowerCase();
  return KEYS.find(([prefix]) => lower.startsWith(prefix))?.[1] ?? null;
}

function crawlDelay(value: string): number | null {
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(seconds) ? Math.min(seconds, MAX_CRAWL_DELAY_SECONDS) * 1_000 : null;
}

function addAgent(group: OpenGroup, value: string): void {
  if (/^\*(\s|$)/.test(value)) group.isGlobal = true;
  else group.agents.push(productToken(value));
}

/** Bytes as a text with one character a byte, without a (whole or cut) UTF-8 byte order mark and without a cut last line. */
function readable(bytes: Uint8Array): string {
  const mark = [0xef, 0xbb, 0xbf];
  let start = 0;
  while (start < mark.length && bytes[start] === mark[start]) start++;
  const text = Buffer.from(bytes.subarray(start, MAX_ROBOTS_BYTES)).toString('latin1');
  if (bytes.length <= MAX_ROBOTS_BYTES) return text;
  return text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1);
}

/**
 * Parses robots.txt to RFC 9309 on bytes: nothing in it can make this fail, whatever it cannot read it passes over.
 * Groups are as written; those that name the same agent are merged where they are matched.
 */
export function parseRobots(bytes: Uint8Array): readonly RobotsGroup[] {
  const groups: OpenGroup[] = [];
  let open: OpenGroup | null = null;
  let hasRules = false;
  for (const raw of readable(bytes).split(/\r\n|\r|\n/)) {
    const [name, value] = splitLine(raw) ?? ['', ''];
    const key = keyOf(name);
    if (key === 'user-agent') {
      if (open === null || hasRules) {
        open = { agents: [], isGlobal: false, rules: [], crawlDelayMs: null };
        groups.push(open);
        hasRules = false;
      }
      addAgent(open, value);
    } else if (open !== null && (key === 'allow' || key === 'disallow')) {
      hasRules = true;
      open.rules.push({ allow: key === 'allow', pattern: normalizePattern(value) });
    } else if (open !== null && key === 'crawl-delay') {
      open.crawlDelayMs ??= crawlDelay(value);
    }
  }
  return groups;
}
