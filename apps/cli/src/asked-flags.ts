/** What pages are asked for, as flags of `extract` and `crawl`. */
import { readFile } from 'node:fs/promises';
import type { FieldWish, FieldsAsked } from '@gleaner/sdk';
import { readWantedFields } from '@gleaner/domain';
import type { Command } from 'commander';
import { UsageError } from './exit-code.js';
import { collect } from './flag-values.js';

export interface AskedFlags {
  /** `name[:type],…`, each time it was given. */
  readonly fields?: readonly string[];
  /** Path of a JSON file. */
  readonly schema?: string;
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'date', 'url', 'list'] as const satisfies readonly NonNullable<
  FieldWish['type']
>[];

const FIELDS = `
Fields: pages are asked for what you name, and answer with values, where each came from, and what is missing.
  --fields price:number,released:date,warranty     types: ${TYPES.join(', ')}; string where none is named
  --schema product.json                            a JSON Schema of an object: nested, with required, enum, format, bounds;
                                                   or {"price": {"type": "number", "description": "...", "example": "..."}}
Values come from learned rules and from what the page declares; a model is asked for the rest where the system has one.`;

export function addAskedOptions(command: Command): Command {
  return command
    .option('--fields <name[:type],...>', 'ask each page for these fields; repeatable', collect)
    .option('--schema <file>', 'ask each page for what this JSON file describes')
    .addHelpText('after', FIELDS);
}

export function isAsking({ fields, schema }: AskedFlags): boolean {
  return fields !== undefined || schema !== undefined;
}

/** @throws UsageError that names the field. */
export async function readAsked({ fields, schema }: AskedFlags): Promise<FieldsAsked> {
  if (fields !== undefined && schema !== undefined) throw new UsageError('--fields cannot be given beside --schema');
  if (schema !== undefined) return fromFile(schema);
  return fields === undefined ? {} : { fields: fromList(fields.join(',')) };
}

function fromList(list: string): Readonly<Record<string, FieldWish>> {
  const fields = new Map<string, FieldWish>();
  for (const part of list.split(',')) {
    const [name = '', given, ...more] = part.split(':').map((text) => text.trim());
    if (name === '') throw new UsageError(`--fields ${list}: a name is missing`);
    const type = TYPES.find((known) => known === given);
    if (more.length > 0 || (given !== undefined && type === undefined))
      throw new UsageError(`--fields ${name}: ${JSON.stringify(part.slice(part.indexOf(':') + 1))} is none of ${TYPES.join(', ')}`);
    if (fields.has(name)) throw new UsageError(`--fields ${name}: is named twice`);
    fields.set(name, type === undefined ? {} : { type });
  }
  const wanted = Object.fromEntries(fields);
  check('--fields', wanted);
  return wanted;
}

async function fromFile(path: string): Promise<FieldsAsked> {
  const where = `--schema ${path}`;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${where}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  });
  const json = parse(text, where);
  check(where, json);
  const isSchema = typeof json === 'object' && json !== null && 'properties' in json;
  return isSchema ? { schema: { ...json } } : { fields: json as NonNullable<FieldsAsked['fields']> };
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${where}: is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** What the API would refuse, by the same rules: told before anything is started. */
function check(where: string, wanted: unknown): void {
  const read = readWantedFields(wanted);
  if (read.kind === 'invalid') throw new UsageError(`${where}: ${read.path === '' ? '' : `${read.path} `}${read.detail}`);
}
