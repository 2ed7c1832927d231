import { RequestFault, invalidInput } from './problem.js';

const MAX_WAIT_SECONDS = 60;
/** Events are numbered in 32 bits. */
export const MAX_SEQUENCE = 2_147_483_647;

/** Seconds of `Prefer: wait=SECONDS` (RFC 7240), at most 60; null when the caller does not want to wait. */
export function waitSeconds(prefer: string | undefined): number | null {
  const given = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(prefer ?? '')?.[1];
  return given === undefined ? null : Math.min(Number(given), MAX_WAIT_SECONDS);
}

/** `Idempotency-Key`: 1 to 255 printable ASCII characters; undefined when absent. */
export function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || /^[\x20-\x7e]{1,255}$/.test(header)) return header;
  throw invalidInput([{ path: 'Idempotency-Key', message: 'must have 1 to 255 printable ASCII characters' }]);
}

/** Sequence number to resume after: `?after=` wins over `Last-Event-ID`, which a browser sends by itself. */
export function resumeAfter(after: number | undefined, lastEventId: string | undefined): number {
  if (after !== undefined) return after;
  if (lastEventId === undefined || lastEventId === '') return 0;
  if (/^\d{1,10}$/.test(lastEventId) && Number(lastEventId) <= MAX_SEQUENCE) return Number(lastEventId);
  throw invalidInput([{ path: 'Last-Event-ID', message: 'must be the id of an event: a whole number' }]);
}

/**
 * The media type to answer with (RFC 9110 §12.5.1): of those on offer, in order of preference, the one that `Accept` rates
 * highest. Throws NOT_ACCEPTABLE when it takes none.
 */
export function negotiate<const T extends string>(accept: string | undefined, offered: readonly T[]): T {
  const ranges = parseAccept(accept ?? '*/*');
  const rated = offered.map((type) => ({ type, quality: qualityOf(type, ranges) })).filter(({ quality }) => quality > 0);
  const best = rated.toSorted((a, b) => b.quality - a.quality)[0];
  if (best === undefined) throw new RequestFault('NOT_ACCEPTABLE', { detail: `This is available as ${offered.join(' and ')}.` });
  return best.type;
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

function parseAccept(header: string): readonly MediaRange[] {
  return header
    .slice(0, 2_000)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
      return { range, quality: Number.isFinite(quality) ? quality : 0 };
    });
}

/** The most specific range decides: `text/markdown` before `text/*` before `*` + `/*`. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const candidate of [type, `${type.split('/', 1)[0]}/*`, '*/*']) {
    const match = ranges.find(({ range }) => range === candidate);
    if (match) return match.quality;
  }
  return 0;
}
