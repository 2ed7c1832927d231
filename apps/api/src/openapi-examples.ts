import type { OpenAPIObject } from '@nestjs/swagger';

/** As much of a JSON Schema as ours use. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
}

type Named = Readonly<Record<string, Schema>>;

interface MediaType {
  schema?: Schema;
  example?: unknown;
  examples?: unknown;
}

interface Operation {
  security?: unknown;
  parameters?: { name: string; in: string; example?: unknown; description?: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, MediaType>; required?: boolean };
  responses?: Record<string, { content?: Record<string, MediaType> }>;
}

const MAX_DEPTH = 8;

/** By the path before it, then by the name of the parameter. */
const PARAMETERS: Readonly<Record<string, { readonly example: string; readonly description: string }>> = {
  jobs: { example: 'job_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2', description: 'Id of the job' },
  documents: { example: 'doc_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2', description: 'Id of the document' },
  keys: { example: 'key_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2', description: 'Id of the key' },
  users: { example: 'usr_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2', description: 'Id of the user' },
  sites: { example: 'example.com', description: 'Host of the site, with its port where that is not the usual one' },
  templates: { example: 'tpl_5f2c9a', description: 'Id of the template' },
  versions: { example: '1', description: 'Number of the version' },
};

/**
 * Completes what the decorators leave open: every parameter of a path is named and told, every body and answer that is JSON has
 * an example that its schema made, and operations that need no key say so.
 */
export function completeOperations(document: OpenAPIObject): void {
  const schemas = (document.components?.schemas ?? {}) as Named;
  for (const [path, methods] of Object.entries(document.paths))
    for (const operation of Object.values(methods as Record<string, Operation>)) {
      operation.security ??= [];
      // The decorators require every body; one whose schema has a default may be left out.
      if (operation.requestBody?.content?.['application/json']?.schema?.default !== undefined) operation.requestBody.required = false;
      describeParameters(path, operation);
      const bodies = [operation.requestBody, ...Object.values(operation.responses ?? {})];
      for (const body of bodies) addExamples(body?.content, schemas);
    }
}

function describeParameters(path: string, operation: Operation): void {
  const parts = path.split('/');
  const known = operation.parameters ?? [];
  for (const [index, part] of parts.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) continue;
    const told = PARAMETERS[parts[index - 1] ?? ''];
    const parameter = known.find((candidate) => candidate.in === 'path' && candidate.name === name);
    if (parameter) Object.assign(parameter, told);
    else known.push(Object.assign({ name, in: 'path', required: true, schema: { type: 'string' } }, told));
  }
  if (known.length > 0) operation.parameters = known;
}

function addExamples(content: Record<string, MediaType> | undefined, schemas: Named): void {
  const json = content?.['application/json'];
  if (!json?.schema || json.example !== undefined || json.examples !== undefined) return;
  json.example = exampleOf(json.schema, schemas, 0);
}

/** A value that the schema allows: its own example where it has one. */
function exampleOf(schema: Schema, schemas: Named, depth: number): unknown {
  const own = schema.examples?.[0] ?? schema.example ?? schema.const ?? schema.enum?.[0] ?? schema.default;
  if (own !== undefined) return own;
  if (schema.$ref !== undefined) return exampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas, depth);
  const [choice] = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (choice !== undefined) return exampleOf(choice, schemas, depth);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, schemas, depth)));
  return exampleOfType(schema, schemas, depth);
}

function exampleOfType(schema: Schema, schemas: Named, depth: number): unknown {
  switch ([schema.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, exampleOf(property, schemas, depth + 1)]),
      );
    case 'array':
      return schema.items && depth < MAX_DEPTH ? [exampleOf(schema.items, schemas, depth + 1)] : [];
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return false;
    case 'string':
      return schema.format === 'date-time' ? '2026-11-21T10:00:00.000Z' : schema.format === 'uri' ? 'https://example.com/' : 'text';
    case undefined:
    default:
      return null;
  }
}
