/**
 * True for a schema that the strict mode of OpenAI takes: every object closed, with all its properties required (OpenAI guide,
 * "Structured outputs", supported schemas). Others are sent without `strict`, as a hint.
 */
export function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== 'object' || schema === null) return true;
  const node = schema as Readonly<Record<string, unknown>>;
  if (isObject(node['properties'])) {
    const required = Array.isArray(node['required']) ? (node['required'] as unknown[]) : [];
    if (node['additionalProperties'] !== false) return false;
    if (!Object.keys(node['properties']).every((name) => required.includes(name))) return false;
    if (!Object.values(node['properties']).every(isStrict)) return false;
  }
  return Object.entries(node).every(([name, part]) => name === 'properties' || isStrict(part));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
