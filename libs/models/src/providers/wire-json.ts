import type { z } from 'zod';
import { ProviderFailure } from './provider-failure.js';

/** JSON of a provider. Throws ProviderFailure `broken-answer`, which quotes nothing: the error of the parser would. */
export function parseWire(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProviderFailure('broken-answer');
  }
}

/** The part of an answer that is used, checked. Throws ProviderFailure `broken-answer`. */
export function readWire<T>(schema: z.ZodType<T>, json: unknown): T {
  const answer = schema.safeParse(json);
  if (!answer.success) throw new ProviderFailure('broken-answer');
  return answer.data;
}
