import { ID_PREFIX } from '@gleaner/domain';
import { monotonicFactory } from 'ulid';

const nextUlid = monotonicFactory();

/** A new opaque id; ids of one process sort by creation even within a millisecond. */
export function newId(kind: keyof typeof ID_PREFIX): string {
  return `${ID_PREFIX[kind]}${nextUlid()}`;
}
