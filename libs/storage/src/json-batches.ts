import { storableJson } from './storable-text.js';

/** On PGlite every client waits for a statement to end, so statements are cut by size as well as by rows. */
const MAX_LENGTH = 256 * 1024;

/** JSON arrays of the rows that `rowOf` makes, for `jsonb_to_recordset`: at most `maxRows` and 256 KiB each; a single larger row is a batch of its own. */
export function* jsonBatches<Value>(values: readonly Value[], rowOf: (value: Value) => unknown, maxRows: number): Generator<string> {
  let batch: string[] = [];
  let length = 0;
  for (const value of values) {
    const row = storableJson(rowOf(value));
    if (batch.length === maxRows || (batch.length > 0 && length + row.length > MAX_LENGTH)) {
      yield `[${batch.join(',')}]`;
      batch = [];
      length = 0;
    }
    batch.push(row);
    length += row.length;
  }
  if (batch.length > 0) yield `[${batch.join(',')}]`;
}
