import { randomUUID } from 'node:crypto';
import { type Embedder, Fault, type ModelProvider, estimateTokens } from '@gleaner/domain';
import type { Candidate } from './candidate.js';
import type { Vectors } from './providers/provider.js';
import { createTrail } from './trail.js';
import { type Desk, openTurn } from './turn.js';

/**
 * Most texts in one call. OpenAI takes 2,048 and 300,000 tokens, Gemini 100; 100 chunks of 256 tokens stay far below. NVIDIA's and local
 * models hold a whole batch in the memory of one device.
 */
const BATCH: Readonly<Partial<Record<ModelProvider, number>>> = { nvidia: 50, ollama: 32 };
const DEFAULT_BATCH = 100;
const NONE: Vectors = { vectors: [], tokens: 0 };

/**
 * The one embedding model as the port of stages and search. Throws Fault MODEL_FAILED, MODEL_REJECTED, MODEL_BUDGET_REACHED, and the
 * signal's reason. Vectors are kept by the cache of their stage, so a call has no key: what is asked again was not answered.
 */
export function createEmbedder(desk: Desk, candidate: Candidate): Embedder {
  const { model, provider } = candidate.planned;
  return {
    model,
    batchSize: BATCH[provider] ?? DEFAULT_BATCH,
    async embed(texts, signal, purpose = 'passage') {
      signal.throwIfAborted();
      const trail = createTrail(desk.now);
      const startedAt = desk.now();
      const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
      const opened = await openTurn(desk, {
        // The context is that of each text, and these were cut to size.
        candidate: { ...candidate, capability: { ...candidate.capability, contextTokens: Number.POSITIVE_INFINITY } },
        key: `embed/${randomUUID()}`,
        jobId: null,
        inputTokens,
        maxOutputTokens: 0,
        signal,
      });
      if (opened.kind === 'kept') throw new Fault('INTERNAL', { detail: 'An embedding call met the key of another.' });
      if (opened.kind === 'passed') {
        trail.passed(candidate, opened.pass, { startedAt, called: false });
        throw trail.exhausted('embed');
      }
      let answer: Vectors;
      try {
        answer = (await candidate.provider?.embed?.({ model, texts, purpose }, signal)) ?? NONE;
      } catch (error) {
        const pass = await opened.turn.failed(error).catch((end: unknown) => {
          trail.passed(candidate, { outcome: 'rejected', mayPass: false }, { startedAt, called: true });
          throw trail.spentBefore(end);
        });
        trail.passed(candidate, pass, { startedAt, called: true });
        throw trail.exhausted('embed');
      }
      const usage = answer.tokens === null ? null : { inputTokens: answer.tokens, outputTokens: 0 };
      const { usage: used } = await opened.turn.answered({ text: '', finish: 'stop', usage }, false);
      return { vectors: answer.vectors, tokens: used.inputTokens };
    },
  };
}
