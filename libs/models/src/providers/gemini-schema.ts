/** Keywords of `responseSchema`, a subset of OpenAPI 3.0 (Gemini API reference, "Schema"). */
const KEPT: ReadonlySet<string> = new Set([
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'minItems',
  'maxItems',
  'properties',
  'required',
  'anyOf',
  'minimum',
  'maximum',
]);
const FORMATS: ReadonlySet<string> = new Set(['date-time', 'enum', 'float', 'double', 'int32', 'int64']);

type Node = Readonly<Record<string, unknown>>;

/**
 * JSON Schema as Gemini takes it: `type: [T, "null"]` becomes nullable, unknown keywords fall away. Null for a schema that would lose
 * its meaning (`$ref`, `oneOf`, open objects): it is then asked for in words. The answer is checked against the whole schema anyway.
 */
export function geminiSchema(schema: unknown): Record<string, unknown> | null {
  if (!isNode(schema) || '$ref' in schema || 'oneOf' in schema || 'allOf' in schema || 'const' in schema) return null;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (!KEPT.has(name)) continue;
    const converted = convert(name, value);
    if (converted === null) return null;
    if (converted !== undefined) result[name] = converted;
  }
  if (Array.isArray(schema['type']) && schema['type'].includes('null')) result['nullable'] = true;
  if (result['type'] === 'object' && !isNode(result['properties'])) return null;
  return result;
}

/** Undefined: the keyword is left out. Null: it cannot be said. */
function convert(name: string, value: unknown): unknown {
  if (name === 'type') return typeOf(value);
  if (name === 'format') return typeof value === 'string' && FORMATS.has(value) ? value : undefined;
  if (name === 'enum') return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
  if (name === 'items') return geminiSchema(value);
  if (name === 'anyOf') return Array.isArray(value) ? all(value.map(geminiSchema)) : null;
  if (name !== 'properties') return value;
  if (!isNode(value)) return null;
  const parts = Object.entries(value).map(([key, part]) => [key, geminiSchema(part)] as const);
  return parts.every(([, part]) => part !== null) ? Object.fromEntries(parts) : null;
}

function typeOf(value: unknown): unknown {
  if (typeof value === 'string') return value === 'null' ? null : value;
  const types = Array.isArray(value) ? value.filter((type) => type !== 'null') : [];
  return types.length === 1 ? types[0] : null;
}

function all(parts: readonly (Record<string, unknown> | null)[]): unknown {
  return parts.every((part) => part !== null) ? parts : null;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
