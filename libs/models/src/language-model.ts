import { Fault, type LanguageModel, type ModelAnswer, type ModelCall, type ModelChunk, type TextRole } from '@gleaner/domain';
import { ask, chatOf, inputTokens } from './ask.js';
import type { Candidate } from './candidate.js';
import type { PromptRenderer } from './prompts.js';
import type { ChatPart } from './providers/provider.js';
import { ProviderFailure } from './providers/provider-failure.js';
import { askStructured } from './structured.js';
import { type Trail, createTrail } from './trail.js';
import { type Answered, type Desk, type Turn, openTurn } from './turn.js';

export interface LanguageModelOptions {
  readonly desk: Desk;
  readonly prompts: PromptRenderer;
  readonly chains: Readonly<Record<TextRole, readonly Candidate[]>>;
}

/** All models of a chain together; below the shortest start-to-close timeout of a stage that asks (3 minutes). */
const CHAIN_TIMEOUT_MS = 150_000;

export function createLanguageModel({ desk, prompts, chains }: LanguageModelOptions): LanguageModel {
  return {
    text: (call, signal) =>
      limited(signal, createTrail(desk.now), async (either, trail) => {
        for (const candidate of chains[call.role]) {
          const startedAt = desk.now();
          const reply = await ask(desk, trail, candidate, { ...call, key: `${call.key}/0` }, either);
          if (reply.kind === 'passed') continue;
          trail.answered(reply.answer, reply.isKept ? 'replayed' : 'answered', startedAt);
          return answerOf(reply.answer, trail);
        }
        throw trail.exhausted(call.role);
      }),
    structured: (call, signal) =>
      limited(signal, createTrail(desk.now), (either, trail) => askStructured({ desk, prompts }, chains[call.role], call, trail, either)),
    stream: (call, signal) => streamed(desk, chains[call.role], call, signal),
  };
}

/** A chain that takes too long ends as a fault that may pass; the caller's own end stays what it is. Faults say what was spent. */
async function limited<T>(signal: AbortSignal, trail: Trail, work: (either: AbortSignal, trail: Trail) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(CHAIN_TIMEOUT_MS);
  try {
    return await work(AbortSignal.any([signal, limit]), trail);
  } catch (error) {
    const isLate = limit.aborted && !signal.aborted && !(error instanceof Fault);
    const end = isLate ? new Fault('MODEL_FAILED', { detail: `The models took longer than ${CHAIN_TIMEOUT_MS / 1_000} seconds.` }) : error;
    throw trail.spentBefore(end);
  }
}

function answerOf(answer: Answered, trail: Trail): ModelAnswer {
  const { text, finish, provider, model } = answer;
  return { text, finish, provider, model, ...trail.receipt() };
}

async function* streamed(desk: Desk, candidates: readonly Candidate[], call: ModelCall, signal: AbortSignal): AsyncGenerator<ModelChunk> {
  const trail = createTrail(desk.now);
  for (const candidate of candidates) {
    const startedAt = desk.now();
    const question = { ...call, key: `${call.key}/0` };
    const { jobId, maxOutputTokens } = call;
    const opened = await openTurn(desk, {
      candidate,
      key: question.key,
      jobId,
      inputTokens: inputTokens(question),
      maxOutputTokens,
      signal,
    });
    if (opened.kind === 'passed') {
      trail.passed(candidate, opened.pass, { startedAt, called: false });
      continue;
    }
    if (opened.kind === 'kept') {
      trail.answered(opened.answer, 'replayed', startedAt);
      yield { type: 'text', text: opened.answer.text };
      yield { type: 'end', answer: answerOf(opened.answer, trail) };
      return;
    }
    const parts = candidate.provider?.stream(chatOf(candidate, question), signal) ?? nothing();
    const result = yield* relayed(parts, opened.turn);
    if (result.kind === 'answer') {
      trail.answered(result.answer, 'answered', startedAt);
      yield { type: 'end', answer: answerOf(result.answer, trail) };
      return;
    }
    trail.passed(candidate, result.pass, { startedAt, called: true });
    if (result.hasText) throw trail.exhausted(call.role);
  }
  throw trail.exhausted(call.role);
}

type Relayed =
  | { readonly kind: 'answer'; readonly answer: Answered }
  | { readonly kind: 'passed'; readonly pass: Awaited<ReturnType<Turn['failed']>>; readonly hasText: boolean };

/** Passes texts on and ends the turn, whoever ends first: the model, a failure, or the reader. */
async function* relayed(parts: AsyncIterable<ChatPart>, turn: Turn): AsyncGenerator<ModelChunk, Relayed> {
  let text = '';
  let isOver = false;
  let end: Extract<ChatPart, { type: 'end' }> | undefined;
  try {
    for await (const part of parts) {
      if (part.type === 'end') {
        end = part;
        break;
      }
      text += part.text;
      yield part;
    }
    if (end === undefined) throw new ProviderFailure('broken-answer');
    isOver = true;
  } catch (error) {
    isOver = true;
    return { kind: 'passed', pass: await turn.failed(error), hasText: text !== '' };
  } finally {
    if (!isOver) await turn.abandoned(text);
  }
  return { kind: 'answer', answer: await turn.answered({ ...end, text }, true) };
}

async function* nothing(): AsyncGenerator<ChatPart> {}
