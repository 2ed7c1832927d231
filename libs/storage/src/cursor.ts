import { Fault } from '@gleaner/domain';

const MAX_CURSOR_LENGTH = 1_024;

function encodeCursor(lastId: string): string {
  return Buffer.from(lastId, 'utf8').toString('base64url');
}

/** The last id of the page before. Throws Fault INVALID_INPUT naming `cursor` when it is not one that `encodeCursor` made. */
export function decodeCursor(cursor: string, pattern: RegExp): string {
  const lastId = cursor.length > MAX_CURSOR_LENGTH ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
  if (encodeCursor(lastId) !== cursor || !pattern.test(lastId)) {
    throw new Fault('INVALID_INPUT', { detail: 'cursor: is not one that this list gave; leave it out to start at the beginning.' });
  }
  return lastId;
}

/** Cuts the one item too many that was asked for to learn whether there is a next page. */
export function pageOf<Row, Item>(found: readonly Row[], limit: number, show: { item: (row: Row) => Item; id: (row: Row) => string }) {
  const kept = found.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(show.item), next: found.length > limit && last !== undefined ? encodeCursor(show.id(last)) : null };
}

/** Lists are bounded here too, whatever a caller lets through. */
export function boundedLimit(limit: number): number {
  return Number.isFinite(limit) ? Math.min(1_000, Math.max(1, Math.trunc(limit))) : 1;
}
