import type { ModelMessage, StructuredAnswer, StructuredCall } from '@gleaner/domain';
import { type AnswerSchema, answerSchema } from './answer-schema.js';
import { type Question, ask } from './ask.js';
import type { Candidate } from './candidate.js';
import type { PromptRenderer } from './prompts.js';
import type { Trail } from './trail.js';
import type { Answered, Desk } from './turn.js';

/** Asked once, and once more with what was wrong. */
const ROUNDS = 2;
/** So much of a wrong answer is shown to its model again. */
const MAX_SHOWN_CHARS = 16_000;

export interface StructuredDesk {
  readonly desk: Desk;
  readonly prompts: PromptRenderer;
}

/** Asks the models of a chain until one answers with a value that fits, or declines. */
export async function askStructured<T>(
  { desk, prompts }: StructuredDesk,
  candidates: readonly Candidate[],
  call: StructuredCall,
  trail: Trail,
  signal: AbortSignal,
): Promise<StructuredAnswer<T>> {
  const schema = answerSchema(call.schema);
  // Counts answers and not models: what was answered before is answered again in the same order.
  let turn = 0;
  for (const candidate of candidates) {
    let messages = call.messages;
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = desk.now();
      const question = questionOf({ candidate, call, schema, prompts, messages, key: `${call.key}/${turn}` });
      const reply = await ask(desk, trail, candidate, question, signal);
      if (reply.kind === 'passed') break;
      turn++;
      const { answer, isKept } = reply;
      const checked = answer.finish === 'refused' ? null : schema.check(answer.text);
      const isUsable = checked === null || checked.ok;
      trail.answered(answer, isUsable ? (isKept ? 'replayed' : 'answered') : 'invalid-answer', startedAt, isKept);
      const { provider, model } = answer;
      if (checked === null) return { kind: 'refused', provider, model, ...trail.receipt() };
      if (checked.ok) return { kind: 'value', value: checked.value as T, provider, model, ...trail.receipt() };
      messages = [...call.messages, ...repairOf(answer, checked.problem, prompts)];
    }
  }
  throw trail.exhausted(call.role);
}

interface Parts {
  readonly candidate: Candidate;
  readonly call: StructuredCall;
  readonly schema: AnswerSchema;
  readonly prompts: PromptRenderer;
  readonly messages: readonly ModelMessage[];
  readonly key: string;
}

/** A provider that enforces no schema is told of it in words; Gemini too, because its own form of schemas says less. */
function questionOf({ candidate, call, schema: { schema }, prompts, messages, key }: Parts): Question {
  const { mode } = candidate.capability;
  const isEnforced = mode === 'tool' || (mode === 'schema' && candidate.planned.provider !== 'gemini');
  const words = isEnforced ? '' : `\n\n${prompts.render('answer-json', { values: { schema: JSON.stringify(schema) } }).system}`;
  const { jobId, maxOutputTokens, name } = call;
  return { key, jobId, maxOutputTokens, messages, system: `${call.system}${words}`, shape: { name, schema, mode } };
}

function repairOf({ text, finish }: Answered, problem: string, prompts: PromptRenderer): readonly ModelMessage[] {
  const why = finish === 'length' ? `It was cut off because it was too long. ${problem}` : problem;
  return [
    { role: 'assistant', text: text.slice(0, MAX_SHOWN_CHARS) || '(nothing)' },
    ...prompts.render('repair-json', { values: { problem: why } }).messages,
  ];
}
