import { type Json, SchemaError, isRecord } from './json-value.js';
import { resolveProperty } from './property.js';

export type WishType = 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'url' | 'list';

/** What a caller says of a field that it wants. */
export interface FieldWish {
  readonly description?: string;
  /** A value of the field as one of the pages shows it. */
  readonly example?: string;
  readonly type?: WishType;
}

/** Bounds of JSON Schema; those of lengths count characters, or items of a list. */
export interface FieldBounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A value that a caller wants of a page. Plain data. */
export interface WantedField {
  /** Where it goes in the answer: `price`, `offer.price`. */
  readonly path: string;
  readonly wish: FieldWish;
  readonly required: boolean;
  /** The only values allowed. */
  readonly oneOf?: readonly string[];
  readonly bounds?: FieldBounds;
  /** Of a list: what its items are; absent: texts. */
  readonly items?: 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'url';
  /** A list of objects: no selector serves that, it is left for a model. */
  readonly isComplex: boolean;
  /** Of a complex field: the wanted fields of each item, by their paths in it. */
  readonly itemFields?: readonly WantedField[];
}

export type WantedFields =
  | { readonly kind: 'fields'; readonly fields: readonly WantedField[] }
  /** `path`: where in the input, dotted; empty for the whole. */
  | { readonly kind: 'invalid'; readonly path: string; readonly detail: string };

/** What may be asked for in one request. */
export const WANTED_LIMITS = { fields: 50, depth: 6, bytes: 20_000 } as const;

const MAX_TEXT = 500;
const MAX_VALUES = 200;
const NAME = /^[\p{L}_$][\p{L}\p{N}_$ -]{0,59}$/u;
const TYPES: ReadonlySet<string> = new Set<WishType>(['string', 'number', 'integer', 'boolean', 'date', 'url', 'list']);
const ITEM_TYPES = ['string', 'number', 'integer', 'boolean', 'date', 'url'] as const;
const BOUNDS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== ''
    ? value.trim().slice(0, MAX_TEXT)
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

/** JSON Schema's type of a property; of several the first that is not null. */
function schemaType({ type, format, properties, items }: Json): string {
  const named = Array.isArray(type) ? type.find((item) => item !== 'null') : type;
  if (named === 'string' && (format === 'date' || format === 'date-time')) return 'date';
  if (named === 'string' && (format === 'uri' || format === 'url' || format === 'uri-reference')) return 'url';
  if (named === 'array') return 'list';
  if (typeof named === 'string') return named;
  return isRecord(properties) ? 'object' : isRecord(items) ? 'list' : 'string';
}

function wishOf(property: Json, type: string): FieldWish {
  const description = textOf(property['description']) ?? textOf(property['title']);
  const example = textOf(property['example']) ?? (Array.isArray(property['examples']) ? textOf(property['examples'][0]) : undefined);
  return {
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
    type: type as WishType,
  };
}

function boundsOf(property: Json, where: string): FieldBounds | undefined {
  const bounds: Record<string, number> = {};
  for (const name of BOUNDS) {
    const value = property[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new SchemaError(`${where}.${name}`, 'must be a number');
    bounds[name] = value;
  }
  return Object.keys(bounds).length === 0 ? undefined : bounds;
}

function valuesOf(property: Json): readonly string[] {
  const given = Array.isArray(property['enum']) ? (property['enum'] as unknown[]) : 'const' in property ? [property['const']] : [];
  return given
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String)
    .slice(0, MAX_VALUES);
}

class FieldReader {
  private count = 0;

  constructor(private readonly root: Json) {}

  /** `prefix` is of the answer, `where` of the input: both name what is wrong. */
  properties(properties: Json, required: ReadonlySet<unknown>, prefix: string, where: string, depth: number): WantedField[] {
    if (depth > WANTED_LIMITS.depth) throw new SchemaError(where, `lies deeper than ${WANTED_LIMITS.depth} levels`);
    return Object.entries(properties).flatMap(([name, given]) => {
      const at = where === '' ? name : `${where}.${name}`;
      if (!NAME.test(name))
        throw new SchemaError(
          at.slice(0, 200),
          `"${name.slice(0, 60)}" is no name of a field: letters, digits, spaces, "_" and "-", at most 60`,
        );
      const property = resolveProperty(given, this.root, at);
      return this.property({ property, path: `${prefix}${name}`, required: required.has(name), at, depth });
    });
  }

  private property(given: {
    readonly property: Json;
    readonly path: string;
    readonly required: boolean;
    readonly at: string;
    readonly depth: number;
  }): WantedField[] {
    const { property, path, required, at, depth } = given;
    // Objects count too: a schema that refers to itself has no end otherwise.
    if (++this.count > WANTED_LIMITS.fields) throw new SchemaError('', `more than ${WANTED_LIMITS.fields} fields`);
    const type = schemaType(property);
    if (type === 'object') {
      const inner = property['properties'];
      if (!isRecord(inner)) throw new SchemaError(at, 'is an object without properties');
      return this.properties(inner, requiredOf(property), `${path}.`, `${at}.properties`, depth + 1);
    }
    if (!TYPES.has(type))
      throw new SchemaError(`${at}.type`, `"${type.slice(0, 60)}" is none of ${[...TYPES, 'array', 'object'].join(', ')}`);
    const oneOf = valuesOf(property);
    const bounds = boundsOf(property, at);
    const field = {
      path,
      wish: wishOf(property, type),
      required,
      ...(oneOf.length === 0 ? {} : { oneOf }),
      ...(bounds === undefined ? {} : { bounds }),
    };
    return [type === 'list' ? { ...field, ...this.items(property, at, depth) } : { ...field, isComplex: false }];
  }

  private items(property: Json, at: string, depth: number): Pick<WantedField, 'isComplex' | 'items' | 'itemFields'> {
    if (!isRecord(property['items'])) return { isComplex: false };
    const where = `${at}.items`;
    const items = resolveProperty(property['items'], this.root, where);
    const type = schemaType(items);
    if (type === 'object') {
      const inner = items['properties'];
      if (!isRecord(inner)) throw new SchemaError(where, 'is an object without properties');
      return { isComplex: true, itemFields: this.properties(inner, requiredOf(items), '', `${where}.properties`, depth + 1) };
    }
    const known = ITEM_TYPES.find((name) => name === type);
    if (known === undefined) throw new SchemaError(where, `"${type.slice(0, 60)}" is no type of items that can be served`);
    return known === 'string' ? { isComplex: false } : { isComplex: false, items: known };
  }
}

const requiredOf = (schema: Json): ReadonlySet<unknown> => new Set(Array.isArray(schema['required']) ? schema['required'] : []);

const isJsonSchema = (input: Json): boolean => isRecord(input['properties']) && (input['type'] === undefined || input['type'] === 'object');

/**
 * Reads what a caller wants: a JSON Schema of an object (properties, nested objects and lists down to six levels, `type`, `format`
 * date and uri, `enum`, `const`, bounds, `required`, local `$ref`, one alternative beside null), or named fields
 * `{name: {description?, example?, type?}}`. At most 50 fields. `invalid` says what is wrong, and where, in words for the caller.
 */
export function readWantedFields(input: unknown): WantedFields {
  if (!isRecord(input)) return { kind: 'invalid', path: '', detail: 'must be a JSON Schema of an object, or named fields' };
  try {
    const reader = new FieldReader(input);
    const fields = isJsonSchema(input)
      ? reader.properties(input['properties'] as Json, requiredOf(input), '', 'properties', 1)
      : reader.properties(input, new Set(), '', '', 1);
    return fields.length === 0 ? { kind: 'invalid', path: '', detail: 'names no field' } : { kind: 'fields', fields };
  } catch (error) {
    if (error instanceof SchemaError) return { kind: 'invalid', path: error.path, detail: error.message };
    throw error;
  }
}
