import type { AskedValue } from '@gleaner/domain';

type Draft = { [name: string]: AskedValue };

/** Sets a property like any other, also where the caller calls it `__proto__`. */
export function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** An object that grows by dotted paths. */
export class NestedDraft {
  readonly value: Draft = {};

  get isEmpty(): boolean {
    return Object.keys(this.value).length === 0;
  }

  put(path: string, value: AskedValue): void {
    const names = path.split('.');
    let target = this.value;
    for (const name of names.slice(0, -1)) {
      const inner = ((Object.hasOwn(target, name) ? target[name] : undefined) ?? {}) as Draft;
      define(target, name, inner);
      target = inner;
    }
    define(target, names.at(-1) ?? path, value);
  }
}
