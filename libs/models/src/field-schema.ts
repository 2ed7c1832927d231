import type { WantedField } from '@gleaner/domain';

type Schema = Readonly<Record<string, unknown>>;

export interface FieldSchema {
  /** Closed and all required, with null for what the page does not say: every structured mode takes it. */
  readonly schema: Schema;
  /** Name in the schema → path of the field. */
  readonly pathOf: ReadonlyMap<string, string>;
}

/** Providers take letters, digits, `_` and `-` as names, at most 64. */
const MAX_NAME = 48;

/** The answer that a model is asked for: one flat object, whose names say the paths as far as names may. */
export function schemaOfFields(fields: readonly WantedField[]): FieldSchema {
  const pathOf = new Map<string, string>();
  const properties: Record<string, Schema> = {};
  for (const field of fields) {
    const plain = field.path.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, MAX_NAME);
    const isFree = /^[A-Za-z]/.test(plain) && !pathOf.has(plain);
    const name = isFree ? plain : `field_${pathOf.size + 1}`;
    pathOf.set(name, field.path);
    properties[name] = propertyOf(field, name);
  }
  return { schema: { type: 'object', properties, required: [...pathOf.keys()], additionalProperties: false }, pathOf };
}

function propertyOf({ path, wish, items, itemFields, oneOf }: WantedField, name: string): Schema {
  const parts = [
    ...(name === path ? [] : [path]),
    ...(wish.description === undefined ? [] : [wish.description]),
    ...(wish.type === 'date' ? ['ISO 8601'] : wish.type === 'url' ? ['a URL'] : []),
    ...(oneOf === undefined ? [] : [`one of: ${oneOf.join(', ')}`]),
    ...(wish.example === undefined ? [] : [`for example: ${wish.example}`]),
  ];
  const described = parts.length === 0 ? {} : { description: parts.join('; ') };
  if (itemFields !== undefined) return { type: ['array', 'null'], items: itemSchema(itemFields), ...described };
  if (wish.type === 'list') return { type: ['array', 'null'], items: { type: plainType(items) }, ...described };
  return { type: [plainType(wish.type), 'null'], ...described };
}

/** Items nest as the caller's schema does: their names are the caller's, joined where objects stand in objects. */
function itemSchema(fields: readonly WantedField[]): Schema {
  const tree: Record<string, Record<string, WantedField>> = {};
  const own: Record<string, Schema> = {};
  for (const field of fields) {
    const [first = field.path, ...rest] = field.path.split('.');
    if (rest.length === 0) own[first] = propertyOf(field, field.path);
    else (tree[first] ??= {})[rest.join('.')] = field;
  }
  for (const [name, inner] of Object.entries(tree))
    own[name] = itemSchema(Object.entries(inner).map(([path, field]) => ({ ...field, path })));
  return { type: 'object', properties: own, required: Object.keys(own), additionalProperties: false };
}

function plainType(type: string | undefined): string {
  return type === 'number' || type === 'integer' || type === 'boolean' ? type : 'string';
}
