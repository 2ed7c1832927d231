/** Metrics of model calls. Labels are purposes and outcomes: never a model, a job or a word that was asked. */
import { type Embedder, type FieldReader, type ModelReceipt, type SelectorProposer, isModelFault } from '@gleaner/domain';
import type { MetricMeter } from '@temporalio/common';

export interface TextModels {
  readonly fieldReader: FieldReader | null;
  readonly selectorProposer: SelectorProposer | null;
}

type Purpose = 'embed' | 'extract' | 'learn';

/** Times a call and counts its tokens; the outcome is `ok`, the code of a fault of models, or `failed`. */
export type ModelCallMetrics = <T>(purpose: Purpose, call: () => Promise<T>, tokensOf: (answer: T) => number) => Promise<T>;

export function createModelCallMetrics(meter: MetricMeter, durationName: string): ModelCallMetrics {
  const calls = meter.createHistogram(durationName, 'float', 's', 'Time of one call of a model, by purpose and outcome');
  const tokens = meter.createCounter('gleaner_model_tokens', 'tokens', 'Tokens that models took, by purpose');
  return async (purpose, call, tokensOf) => {
    const startedAt = performance.now();
    let outcome = 'failed';
    try {
      const answer = await call();
      outcome = 'ok';
      tokens.add(tokensOf(answer), { purpose });
      return answer;
    } catch (error) {
      if (isModelFault(error)) outcome = error.code;
      throw error;
    } finally {
      calls.record((performance.now() - startedAt) / 1_000, { purpose, outcome });
    }
  };
}

export function observeEmbedder(measured: ModelCallMetrics): (embedder: Embedder) => Embedder {
  return (embedder) => ({
    model: embedder.model,
    batchSize: embedder.batchSize,
    embed: (texts, signal, purpose) =>
      measured(
        'embed',
        () => embedder.embed(texts, signal, purpose),
        ({ tokens }) => tokens,
      ),
  });
}

const tokensOf = ({ usage }: ModelReceipt): number => usage.inputTokens + usage.outputTokens;

export function observeModels(measured: ModelCallMetrics): (models: TextModels) => TextModels {
  return ({ fieldReader, selectorProposer }) => ({
    fieldReader:
      fieldReader === null ? null : { read: (question, signal) => measured('extract', () => fieldReader.read(question, signal), tokensOf) },
    selectorProposer:
      selectorProposer === null
        ? null
        : { propose: (question, signal) => measured('learn', () => selectorProposer.propose(question, signal), tokensOf) },
  });
}
