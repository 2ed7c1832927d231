import type { ExtractionMethod, FieldValue } from '../document.js';
import type { ErrorCode } from '../errors.js';

/** A value of an answer to asked fields: objects stand where the schema nests, lists of them where it has such. */
export type AskedValue = FieldValue | readonly AskedValue[] | { readonly [name: string]: AskedValue };

/** Why a field has no value. `not_valid`: something goes by that name, but it is not what the schema allows. */
export type MissReason = 'not_found' | 'not_valid' | 'complex';

/** What a page lacks of what was asked for. */
export interface MissingField {
  readonly path: string;
  readonly required: boolean;
  /** `complex`: a list of objects, which no rule serves. */
  readonly reason: MissReason;
}

/** How the fields that a caller asked for were served. Kept with the document. */
export interface FieldReport {
  /** Fingerprint of what was asked for: another report with the same one answers the same question. Absent in reports of old. */
  readonly asked?: string;
  /** By path; null: it has no value. */
  readonly methods: Readonly<Record<string, ExtractionMethod | null>>;
  readonly missing: readonly MissingField[];
  /** Every required field has a value: the fields fit the schema. */
  readonly valid: boolean;
  readonly modelCalls: number;
  /** 1: rules served every field, so that no model had to be asked. */
  readonly modelCallsAvoided: number;
  /** `provider:model` that was asked; null: none was. */
  readonly model: string | null;
  readonly tokens: number;
  readonly costUsd: number;
  /** Why a model that is set did not answer: the fields left for it are empty. */
  readonly problem?: { readonly code: ErrorCode; readonly detail: string };
}
