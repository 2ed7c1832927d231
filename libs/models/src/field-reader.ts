import type { FieldReader, LanguageModel } from '@gleaner/domain';
import { schemaOfFields } from './field-schema.js';
import type { PromptRenderer } from './prompts.js';

const BASE_TOKENS = 400;
const TOKENS_A_FIELD = 150;
const TOKENS_A_LIST = 1_200;
const MAX_TOKENS = 8_000;

/** Asks the models of the role `extract` what a page says of some fields. */
export function createFieldReader(language: LanguageModel, prompts: PromptRenderer): FieldReader {
  return {
    async read({ jobId, key, fields, pageText }, signal) {
      const { schema, pathOf } = schemaOfFields(fields);
      const { system, messages } = prompts.render('extract-fields', {
        values: { schema: JSON.stringify(schema), instructions: '' },
        data: [{ label: 'page', text: pageText }],
      });
      const lists = fields.filter(({ isComplex }) => isComplex).length;
      const maxOutputTokens = Math.min(MAX_TOKENS, BASE_TOKENS + fields.length * TOKENS_A_FIELD + lists * TOKENS_A_LIST);
      const call = { role: 'extract', name: 'fields', system, messages, maxOutputTokens, jobId, key, schema } as const;
      const answer = await language.structured<Record<string, unknown>>(call, signal);
      const { provider, model, usage, costUsd, priced, attempts } = answer;
      const values = answer.kind === 'value' ? Object.entries(answer.value) : [];
      const answers = Object.fromEntries(values.map(([name, value]) => [pathOf.get(name) ?? name, value]));
      return { provider, model, usage, costUsd, priced, attempts, answers };
    },
  };
}
