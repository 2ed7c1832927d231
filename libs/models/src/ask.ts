import { Fault, type ModelCall, estimateTokens } from '@gleaner/domain';
import type { Candidate } from './candidate.js';
import type { ChatRequest, Shape } from './providers/provider.js';
import { ProviderFailure } from './providers/provider-failure.js';
import type { Trail } from './trail.js';
import { type Answered, type Desk, type Turn, openTurn } from './turn.js';
import type { Pass } from './verdict.js';

export interface Question extends Pick<ModelCall, 'jobId' | 'key' | 'system' | 'messages' | 'maxOutputTokens'> {
  readonly shape?: Shape;
}

export type Reply =
  | { readonly kind: 'answer'; readonly answer: Answered; readonly isKept: boolean }
  | { readonly kind: 'passed'; readonly pass: Pass };

/** One question to one model. Passes stand in the trail; answers are for the caller to enter, who knows what they are worth. */
export async function ask(desk: Desk, trail: Trail, candidate: Candidate, question: Question, signal: AbortSignal): Promise<Reply> {
  const startedAt = desk.now();
  const pass = (reason: Pass, called = false): Reply => {
    trail.passed(candidate, reason, { startedAt, called });
    return { kind: 'passed', pass: reason };
  };
  const { key, jobId, maxOutputTokens } = question;
  const opened = await openTurn(desk, { candidate, key, jobId, inputTokens: inputTokens(question), maxOutputTokens, signal });
  if (opened.kind === 'passed') return pass(opened.pass);
  if (opened.kind === 'kept') return { kind: 'answer', answer: opened.answer, isKept: true };
  let answer: Awaited<ReturnType<NonNullable<Candidate['provider']>['chat']>>;
  try {
    if (candidate.provider === null) throw new ProviderFailure('unreachable');
    answer = await candidate.provider.chat(chatOf(candidate, question), signal);
  } catch (error) {
    return pass(await failed(opened.turn, pass, error), true);
  }
  return { kind: 'answer', answer: await opened.turn.answered(answer, true), isKept: false };
}

/** What ends the chain stands in the trail too: its call has left. */
async function failed(turn: Turn, pass: (reason: Pass, called: boolean) => void, error: unknown): Promise<Pass> {
  try {
    return await turn.failed(error);
  } catch (end) {
    pass({ outcome: end instanceof Fault ? 'rejected' : 'timeout', mayPass: false }, true);
    throw end;
  }
}

export function chatOf({ planned }: Candidate, { system, messages, maxOutputTokens, shape }: Question): ChatRequest {
  return { model: planned.model, system, messages, maxOutputTokens, ...(shape === undefined ? {} : { shape }) };
}

/** Of all that is sent, the schema included, estimated. */
export function inputTokens({ system, messages, shape }: Question): number {
  const schema = shape === undefined ? 0 : estimateTokens(JSON.stringify(shape.schema));
  return messages.reduce((sum, { text }) => sum + estimateTokens(text), estimateTokens(system) + schema);
}
