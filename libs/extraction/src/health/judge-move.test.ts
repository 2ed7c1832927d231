import { expect, it } from 'vitest';
import { type MoveVerdict, judgeMove } from './judge-move.js';

it.each<[moved: number, stayed: number, verdict: MoveVerdict]>([
  [1, 0, 'undecided'],
  [2, 0, 'undecided'],
  [3, 0, 'redesigned'],
  [3, 1, 'apart'],
  [1, 1, 'apart'],
  [8, 2, 'redesigned'],
  [8, 3, 'apart'],
  [40, 10, 'redesigned'],
])('%i pages that moved while %i stayed: %s', (moved, stayed, verdict) => expect(judgeMove({ moved, stayed })).toBe(verdict));
