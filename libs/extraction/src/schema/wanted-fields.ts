import type { FieldWish, WishType } from '../fields/wish.js';

/** A value that a caller wants of a page. */
export interface WantedField {
  /** Where it goes in the answer: `price`, `offer.price`. */
  readonly path: string;
  readonly wish: FieldWish;
  readonly required: boolean;
  /** The only values allowed. */
  readonly oneOf?: readonly string[];
  /** A list of objects: no selector serves that, it is left for a model. */
  readonly isComplex: boolean;
}

export type WantedFields =
  | { readonly kind: 'fields'; readonly fields: readonly WantedField[] }
  | { readonly kind: 'invalid'; readonly detail: string };

const MAX_FIELDS = 60;
const MAX_DEPTH = 3;
const MAX_TEXT = 500;
const NAME = /^[\p{L}_$][\p{L}\p{N}_$ -]{0,59}$/u;
const TYPES: ReadonlySet<string> = new Set<WishType>(['string', 'number', 'integer', 'boolean', 'date', 'url', 'list']);

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, MAX_TEXT) : undefined;

class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** JSON Schema's type of a property; of several the first that is not null. */
function schemaType({ type, format }: Json): string {
  const named = Array.isArray(type) ? type.find((item) => item !== 'null') : type;
  if (named === 'string' && (format === 'date' || format === 'date-time')) return 'date';
  if (named === 'string' && (format === 'uri' || format === 'url' || format === 'uri-reference')) return 'url';
  return named === 'array' ? 'list' : typeof named === 'string' ? named : 'string';
}

function wishOf(property: Json, type: string): FieldWish {
  const description = textOf(property['description']) ?? textOf(property['title']);
  const example = textOf(property['example']) ?? (Array.isArray(property['examples']) ? textOf(property['examples'][0]) : undefined);
  return {
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
    type: TYPES.has(type) ? (type as WishType) : 'string',
  };
}

function addProperties(fields: WantedField[], properties: Json, required: ReadonlySet<unknown>, prefix: string): void {
  const depth = prefix === '' ? 1 : prefix.split('.').length;
  for (const [name, property] of Object.entries(properties)) {
    const path = `${prefix}${name}`;
    if (!NAME.test(name))
      throw new SchemaError(`"${name.slice(0, 60)}" is no name of a field: letters, digits, spaces, "_" and "-", at most 60`);
    if (!isRecord(property)) throw new SchemaError(`${path} must be an object`);
    if (fields.length >= MAX_FIELDS) throw new SchemaError(`more than ${MAX_FIELDS} fields`);
    const type = schemaType(property);
    if (type === 'object') {
      if (depth >= MAX_DEPTH) throw new SchemaError(`${path} lies deeper than ${MAX_DEPTH} levels`);
      const inner = property['properties'];
      if (!isRecord(inner)) throw new SchemaError(`${path} is an object without properties`);
      addProperties(fields, inner, requiredOf(property), `${path}.`);
      continue;
    }
    const values = Array.isArray(property['enum'])
      ? property['enum'].filter((value) => typeof value === 'string' || typeof value === 'number').map(String)
      : [];
    const items = property['items'];
    fields.push({
      path,
      wish: wishOf(property, type),
      required: required.has(name),
      ...(values.length === 0 ? {} : { oneOf: values }),
      isComplex: type === 'list' && isRecord(items) && schemaType(items) === 'object',
    });
  }
}

const requiredOf = (schema: Json): ReadonlySet<unknown> => new Set(Array.isArray(schema['required']) ? schema['required'] : []);

const isJsonSchema = (input: Json): boolean => isRecord(input['properties']) && (input['type'] === undefined || input['type'] === 'object');

/**
 * Reads what a caller wants: a JSON Schema of an object (properties, nested objects down to three levels, `type`, `format` date
 * and uri, `enum`, `required`), or named fields `{name: {description?, example?, type?}}`. At most 60 fields. `invalid` says what
 * is wrong in words for the caller.
 */
export function readWantedFields(input: unknown): WantedFields {
  if (!isRecord(input)) return { kind: 'invalid', detail: 'must be a JSON Schema of an object, or named fields' };
  const fields: WantedField[] = [];
  try {
    if (isJsonSchema(input)) addProperties(fields, input['properties'] as Json, requiredOf(input), '');
    else addProperties(fields, input, new Set(), '');
  } catch (error) {
    if (error instanceof SchemaError) return { kind: 'invalid', detail: error.message };
    throw error;
  }
  return fields.length === 0 ? { kind: 'invalid', detail: 'names no field' } : { kind: 'fields', fields };
}
