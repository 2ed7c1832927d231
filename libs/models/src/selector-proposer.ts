import type { LanguageModel, SelectorProposer } from '@gleaner/domain';
import type { PromptRenderer } from './prompts.js';

const MAX_TOKENS = 3_000;

const SCHEMA = {
  type: 'object',
  properties: {
    proposals: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, selector: { type: 'string' }, attribute: { type: ['string', 'null'] } },
        required: ['field', 'selector', 'attribute'],
        additionalProperties: false,
      },
    },
  },
  required: ['proposals'],
  additionalProperties: false,
} as const;

interface Proposals {
  readonly proposals: readonly { readonly field: string; readonly selector: string; readonly attribute: string | null }[];
}

/** Asks the models of the role `learn` for selectors. */
export function createSelectorProposer(language: LanguageModel, prompts: PromptRenderer): SelectorProposer {
  return {
    async propose({ jobId, key, parts, skeleton, misses }, signal) {
      const { system, messages } = prompts.render('propose-selectors', {
        values: { parts: parts.join(', ') },
        data: [{ label: 'skeleton', text: skeleton }, ...(misses === '' ? [] : [{ label: 'misses', text: misses }])],
      });
      const call = { role: 'learn', name: 'proposals', system, messages, maxOutputTokens: MAX_TOKENS, jobId, key, schema: SCHEMA } as const;
      const answer = await language.structured<Proposals>(call, signal);
      const { provider, model, usage, costUsd, priced, attempts } = answer;
      const proposed = answer.kind === 'value' ? answer.value.proposals : [];
      // Null says that the text is meant; rules say so by having no attribute.
      const proposals = proposed.map(({ attribute, ...rest }) => (attribute === null ? rest : { ...rest, attribute }));
      return { provider, model, usage, costUsd, priced, attempts, proposals };
    },
  };
}
