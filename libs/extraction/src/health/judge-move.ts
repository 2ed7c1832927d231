/** What it means that pages of a template are built of something else than before. */
export type MoveVerdict = 'redesigned' | 'apart' | 'undecided';

const MIN_MOVED = 3;
/** Pages that still are as before, for each page that moved, up to which a template is said to have changed as a whole. */
const MAX_STAYED_SHARE = 0.25;

/**
 * Pages of one template came back with another structure, `moved` of them, while `stayed` others came as before. When at least three
 * moved and hardly any stayed, the template was redesigned; when more stayed, what moved is another template beside it; else the
 * next pages tell.
 */
export function judgeMove({ moved, stayed }: { readonly moved: number; readonly stayed: number }): MoveVerdict {
  if (stayed > moved * MAX_STAYED_SHARE) return 'apart';
  return moved >= MIN_MOVED ? 'redesigned' : 'undecided';
}
