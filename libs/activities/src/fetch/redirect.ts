import { MAX_URL_LENGTH } from '@gleaner/domain';
import { PageRefusal } from './refusal.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const SHOWN_CHARACTERS = 200;

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** Header values arrive as bytes; like browsers, read them as UTF-8 where they are that. */
function asUnicode(header: string): string {
  const text = Buffer.from(header, 'latin1').toString('utf8');
  return /[^\0-\xff]/.test(header) || text.includes('\uFFFD') ? header : text;
}

/**
 * The URL that a redirect leads to, parsed once; fragments are dropped because they never travel. Whether it may be fetched is
 * for the egress policy. Throws PageRefusal REDIRECT_INVALID when there is none or it cannot be a page's URL.
 */
export function redirectTarget(from: URL, location: string | null): URL {
  if (location === null || location.trim() === '') throw new PageRefusal('REDIRECT_INVALID', `${from.host} redirects without a Location`);
  const text = asUnicode(location);
  const shown = text.slice(0, SHOWN_CHARACTERS);
  if (!URL.canParse(text, from.href)) throw new PageRefusal('REDIRECT_INVALID', `the Location "${shown}" is not a URL`);
  const target = new URL(text, from.href);
  if (target.href.length > MAX_URL_LENGTH) throw new PageRefusal('REDIRECT_INVALID', `the Location "${shown}…" is too long`);
  if (target.username !== '' || target.password !== '')
    throw new PageRefusal('REDIRECT_INVALID', `the Location to ${target.host} carries a user name or password`);
  target.hash = '';
  return target;
}

/** The way from the first URL to the current one, with its limits. */
export class RedirectTrail {
  private readonly urls: URL[];

  constructor(
    first: URL,
    private readonly maxRedirects: number,
  ) {
    this.urls = [first];
  }

  /** Hops between the first and the last URL, without both. */
  get between(): readonly string[] {
    return this.urls.slice(1, -1).map((url) => url.href);
  }

  /** Throws PageRefusal REDIRECT_LIMIT for a loop (nothing is remembered between hops, so the same answer would come) or a hop too many. */
  follow(target: URL): void {
    if (this.urls.some((url) => url.href === target.href))
      throw new PageRefusal('REDIRECT_LIMIT', `redirects lead back to ${target.href.slice(0, SHOWN_CHARACTERS)}`);
    if (this.urls.length > this.maxRedirects) throw new PageRefusal('REDIRECT_LIMIT', `more than ${this.maxRedirects} redirects`);
    this.urls.push(target);
  }
}

/** A redirect that the caller did not want followed: an answer about the page, for who asked for it. */
export class RedirectLeft extends Error {
  override readonly name = 'RedirectLeft';

  constructor(
    readonly target: URL,
    readonly status: number,
  ) {
    super(`redirects to ${target.host}`);
  }
}
