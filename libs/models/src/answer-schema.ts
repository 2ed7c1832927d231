import { Fault } from '@gleaner/domain';
import { Ajv2020 } from 'ajv/dist/2020.js';

type Schema = Readonly<Record<string, unknown>>;

export type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

export interface AnswerSchema {
  /** With every object closed that does not say otherwise: what providers get. */
  readonly schema: Schema;
  /** Reads an answer, in a code fence or not, and checks it. */
  readonly check: (text: string) => Checked;
}

const MAX_SCHEMA_CHARS = 65_536;
const MAX_PROBLEM_CHARS = 1_500;

/** Throws Fault INVALID_INPUT for a schema that is too large, is none, or has patterns. */
export function answerSchema(given: Schema): AnswerSchema {
  if (JSON.stringify(given).length > MAX_SCHEMA_CHARS) throw new Fault('INVALID_INPUT', { detail: 'The schema is too large.' });
  // An instance for each schema: a shared one would keep them all.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  let schema: Schema;
  let validate: ReturnType<typeof ajv.compile>;
  try {
    schema = closed(given) as Schema;
    validate = ajv.compile(schema);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, MAX_PROBLEM_CHARS) : 'it is none';
    throw new Fault('INVALID_INPUT', { detail: `The schema cannot be used: ${reason}` });
  }
  return {
    schema,
    check(text) {
      const value = parse(text);
      if (value === undefined) return { ok: false, problem: 'It is not one complete JSON value.' };
      if (validate(value)) return { ok: true, value };
      return { ok: false, problem: ajv.errorsText(validate.errors, { separator: '\n', dataVar: 'answer' }).slice(0, MAX_PROBLEM_CHARS) };
    },
  };
}

function parse(text: string): unknown {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text);
  try {
    return JSON.parse(fenced?.[1] ?? text);
  } catch {
    return undefined;
  }
}

/** Keywords whose values are schemas by name, and those whose values are data. */
const BY_NAME: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
/** Patterns would be run on what a page made a model write: a hostile pair of both takes for ever. */
const REFUSED: ReadonlySet<string> = new Set(['pattern', 'patternProperties']);
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'required']);

function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const result: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(node)) {
    if (REFUSED.has(name)) throw new Error('patterns are not supported');
    if (DATA.has(name)) result[name] = part;
    else if (BY_NAME.has(name) && typeof part === 'object' && part !== null)
      result[name] = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]));
    else result[name] = closed(part);
  }
  if ('properties' in result) result['additionalProperties'] ??= false;
  return result;
}
