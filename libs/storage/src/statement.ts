import type { EntityManager } from 'typeorm';
import { storableText } from './storable-text.js';

export type Parameter = string | number | boolean | null | Date | Uint8Array | readonly string[] | readonly number[];

/** Rows of a select, or of an insert with `returning`. Parameters are made storable. */
export async function rows<Row>(manager: EntityManager, sql: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
  const answer: unknown = await manager.query(sql, parameters.map(storable));
  // TypeORM answers [rows, count] for update and delete, and bare rows for the rest.
  if (!Array.isArray(answer)) return [];
  const isPair = answer.length === 2 && Array.isArray(answer[0]) && typeof answer[1] === 'number';
  return (isPair ? answer[0] : answer) as Row[];
}

/** The first row, or null. */
export async function firstRow<Row>(manager: EntityManager, sql: string, parameters: readonly Parameter[] = []): Promise<Row | null> {
  const found = await rows<Row>(manager, sql, parameters);
  return found[0] ?? null;
}

function storable(parameter: Parameter): unknown {
  if (typeof parameter === 'string') return storableText(parameter);
  if (parameter instanceof Uint8Array) return Buffer.from(parameter.buffer, parameter.byteOffset, parameter.byteLength);
  if (Array.isArray(parameter)) return parameter.map((part: string | number) => (typeof part === 'string' ? storableText(part) : part));
  return parameter;
}
