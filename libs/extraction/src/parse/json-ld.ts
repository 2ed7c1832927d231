const MAX_BYTES = 1_000_000;
const MAX_DEPTH = 12;
const MAX_ENTITIES = 2_000;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function asList(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

/** schema.org type names of an entity, without the vocabulary's address. */
export function typesOf(entity: JsonObject): string[] {
  return asList(entity['@type'])
    .filter((type) => typeof type === 'string')
    .map((type) => type.slice(type.lastIndexOf('/') + 1));
}

function parseJson(source: string): JsonValue | undefined {
  const text = source
    .trim()
    .replace(/^<!--|-->$/g, '')
    .replace(/^\s*(?:\/\/\s*)?<!\[CDATA\[|(?:\/\/\s*)?\]\]>\s*$/g, '')
    .replace(/;$/, '');
  for (const candidate of [text, text.replace(/\p{Cc}+/gu, ' ')]) {
    try {
      return JSON.parse(candidate) as JsonValue;
    } catch {
      // the second form repairs line breaks inside strings; what is still broken is no data
    }
  }
  return undefined;
}

/**
 * All typed entities of the page's JSON-LD blocks, outer ones first, `@graph` and nested values unfolded. At most 1 MB of
 * source, 12 levels and 2,000 entities are read.
 */
export function readJsonLd(blocks: readonly string[]): readonly JsonObject[] {
  const entities: JsonObject[] = [];
  let left = MAX_BYTES;
  let visited = 0;
  for (const block of blocks) {
    left -= block.length;
    if (left < 0) break;
    let level: readonly JsonValue[] = asList(parseJson(block));
    for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
      const next: JsonValue[] = [];
      for (const value of level) {
        if (++visited > MAX_ENTITIES * 20) return entities;
        if (Array.isArray(value)) for (const item of value as JsonValue[]) next.push(item);
        if (!isObject(value)) continue;
        if (value['@type'] !== undefined && entities.length < MAX_ENTITIES) entities.push(value);
        for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) next.push(inner);
      }
      level = next;
    }
  }
  return entities;
}
