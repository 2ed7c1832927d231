import { Fault } from '@gleaner/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../test/support/laws.js';
import { boundedLimit, decodeCursor, pageOf } from './cursor.js';

const ID = /^job_[a-z0-9]{1,20}$/;
const id = fc.stringMatching(ID);
const show = { item: (row: string) => row, id: (row: string) => row };

describe('cursors', () => {
  it('lead back to the id they were made of, page after page, without a gap or a repetition', () => {
    holds(
      fc.property(fc.uniqueArray(id, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (rows, limit) => {
        const seen: string[] = [];
        let start = 0;
        for (let cursor: string | null = ''; cursor !== null;) {
          const { items, next } = pageOf(rows.slice(start, start + limit + 1), limit, show);
          seen.push(...items);
          if (next !== null) start = rows.indexOf(decodeCursor(next, ID)) + 1;
          cursor = next;
        }
        expect(seen).toEqual(rows);
      }),
    );
  });

  it('that nobody gave out are refused, whatever they are', () => {
    holds(
      fc.property(fc.oneof(fc.string({ maxLength: 60 }), fc.base64String({ maxLength: 60 }), id), (text) => {
        let decoded: string | null = null;
        try {
          decoded = decodeCursor(text, ID);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
        if (decoded !== null) expect(Buffer.from(decoded).toString('base64url')).toBe(text);
      }),
      { runs: 300 },
    );
  });

  it('cut lists to a bounded size', () => {
    holds(
      fc.property(fc.double(), (limit) => {
        const bounded = boundedLimit(limit);
        expect(Number.isInteger(bounded) && bounded >= 1 && bounded <= 1_000).toBe(true);
      }),
    );
  });
});
