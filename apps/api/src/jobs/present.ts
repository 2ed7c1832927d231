type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out what was not given: ports take absent fields, not undefined ones. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
