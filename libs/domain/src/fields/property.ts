import { type Json, SchemaError, isRecord } from './json-value.js';

/** What could not be promised of a value: it is refused and not ignored. */
const UNSUPPORTED = ['pattern', 'patternProperties', 'allOf', 'not', 'if', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum', 'uniqueItems', 'prefixItems', 'contains', '$dynamicRef'] as const; // prettier-ignore
const MAX_HOPS = 8;

function pointed(root: Json, reference: unknown, where: string): Json {
  if (typeof reference !== 'string' || !reference.startsWith('#/'))
    throw new SchemaError(`${where}.$ref`, 'must be a reference into this schema, such as "#/$defs/Name"');
  let target: unknown = root;
  for (const part of reference.slice(2).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isRecord(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  if (!isRecord(target)) throw new SchemaError(`${where}.$ref`, `"${reference.slice(0, 100)}" leads nowhere`);
  return target;
}

const isNull = (option: unknown): boolean => isRecord(option) && option['type'] === 'null';

/** The one alternative beside null, as generators of schemas write what may be absent. */
function onlyOption(options: unknown, where: string): Json {
  const others = Array.isArray(options) ? options.filter((option) => !isNull(option)) : [];
  const [first] = others;
  if (others.length !== 1 || !isRecord(first)) throw new SchemaError(where, 'may have one alternative beside null');
  return first;
}

/** A property with its references and its one alternative followed. Throws SchemaError for what cannot be served. */
export function resolveProperty(given: unknown, root: Json, where: string): Json {
  if (!isRecord(given)) throw new SchemaError(where, 'must be an object');
  let property = given;
  for (let hop = 0; ; hop++) {
    if (hop > MAX_HOPS) throw new SchemaError(where, 'refers to itself');
    const unsupported = UNSUPPORTED.find((name) => name in property);
    if (unsupported !== undefined) throw new SchemaError(`${where}.${unsupported}`, 'is not supported');
    const { $ref: reference, anyOf, oneOf, ...rest } = property;
    if (reference !== undefined) property = { ...pointed(root, reference, where), ...rest };
    else if (anyOf !== undefined) property = { ...onlyOption(anyOf, `${where}.anyOf`), ...rest };
    else if (oneOf !== undefined) property = { ...onlyOption(oneOf, `${where}.oneOf`), ...rest };
    else return property;
  }
}
