import type { AskedValue } from '@gleaner/domain';

type Data = Readonly<Record<string, AskedValue>>;

const isObject = (value: AskedValue | undefined): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Both answers in one; they share objects and no values. A name is only a name, also `__proto__`. */
export function mergedData(one: Data, other: Data): Data {
  const merged = new Map(Object.entries(one));
  for (const [name, value] of Object.entries(other)) {
    const known = merged.get(name);
    merged.set(name, isObject(known) && isObject(value) ? mergedData(known, value) : value);
  }
  return Object.fromEntries(merged);
}
