/** NUL, and surrogates with or without a partner. */
const SUSPICIOUS = /[\0\ud800-\udfff]/;

/**
 * Text that PostgreSQL can hold: it refuses NUL in text and jsonb, and in jsonb also surrogates without a partner. Pages
 * contain both.
 */
export function storableText(text: string): string {
  // Nearly every text is fine as it is: looking is much cheaper than writing it anew.
  if (!SUSPICIOUS.test(text)) return text;
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\u{fffd}');
}

/** JSON for a jsonb parameter, with storable text in every key and value. */
export function storableJson(value: unknown): string {
  return JSON.stringify(storableValue(value)) ?? 'null';
}

/** The same value with storable text in every key and string; dates and buffers stay as they are. */
export function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [storableText(key), storableValue(part)]));
}
