/**
 * 32 bits that depend on every part, the same in every process: murmur3's mixing steps and finalizer over whole numbers
 * (https://github.com/aappleby/smhasher, MurmurHash3.cpp, public domain).
 */
export function hash32(seed: number, ...parts: readonly number[]): number {
  let state = seed | 0;
  for (const part of parts) {
    let mixed = Math.imul(part, 0xcc9e2d51);
    mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    state ^= mixed;
    state = (Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** 0 … below 1, from `hash32`. */
export function share32(seed: number, ...parts: readonly number[]): number {
  return hash32(seed, ...parts) / 0x1_0000_0000;
}

/** `hash32` of a text's UTF-16 units. */
export function textHash(seed: number, text: string): number {
  let state = hash32(seed, text.length);
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  return hash32(state);
}

/** A stream of numbers from one seed: mulberry32 by Tommy Ettinger, public domain. Fast, not for secrets. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** Whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((((mixed ^ (mixed >>> 14)) >>> 0) * limit) / 0x1_0000_0000) | 0;
  }

  /** @throws RangeError when there is nothing to pick. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
