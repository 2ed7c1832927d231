import type { ModelAnswer, ModelChunk } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { messageStream } from './test-support/anthropic-wire.js';
import { contentStream, geminiError } from './test-support/gemini-wire.js';
import { completionStream, openAiError } from './test-support/openai-wire.js';
import { callOf, never, simulate } from './test-support/simulation.js';
import { silence } from './test-support/wire-server.js';

const QUICK = { GLEANER_MODEL_TIMEOUT_MS: '1000' };
const to = (...models: string[]) => ({ ...QUICK, GLEANER_MODELS: `*=${models.join(',')}` });
const [GEMINI, OPENAI, CLAUDE] = ['gemini:gemini-2.5-flash', 'openai:gpt-4.1-mini', 'anthropic:claude-haiku-4-5'];

interface Read {
  readonly texts: string[];
  end?: ModelAnswer;
  failure?: unknown;
}

async function read(stream: AsyncIterable<ModelChunk> | undefined): Promise<Read> {
  const result: Read = { texts: [] };
  try {
    for await (const chunk of stream ?? []) {
      if (chunk.type === 'text') result.texts.push(chunk.text);
      else result.end = chunk.answer;
    }
  } catch (error) {
    result.failure = error;
  }
  return result;
}

describe('streams', () => {
  it.each([
    [OPENAI, { openai: completionStream(['Hel', 'lo ✓']) }, { inputTokens: 11, outputTokens: 7, estimated: false }],
    [GEMINI, { gemini: contentStream(['Hel', 'lo ✓']) }, { inputTokens: 13, outputTokens: 7, estimated: false }],
    [CLAUDE, { anthropic: messageStream(['Hel', 'lo ✓']) }, { inputTokens: 17, outputTokens: 3, estimated: false }],
  ])('passes on the texts of %s, and the usage at its end', async (model, answers, usage) => {
    await using simulation = await simulate(answers, to(model!));
    const { texts, end } = await read(simulation.models.language?.stream(callOf(), never));
    expect(texts).toEqual(['Hel', 'lo ✓']);
    expect(end).toMatchObject({ text: 'Hello ✓', finish: 'stop', usage });
    expect(simulation.budget.used('job:job_1')).toMatchObject({ calls: 1, tokens: usage.inputTokens + usage.outputTokens });
  });

  it('asks OpenAI for the usage', async () => {
    await using simulation = await simulate({ openai: completionStream(['x']) }, to(OPENAI!));
    await read(simulation.models.language?.stream(callOf(), never));
    expect(simulation.wire('openai').requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it.each([
    ['a status', { gemini: geminiError(503), openai: openAiError(500) }],
    ['silence', { gemini: silence, openai: silence }],
    ['a break before the first text', { gemini: contentStream([], 'cut'), openai: completionStream([], 'cut') }],
  ])('has the next model take over after %s', async (_, answers) => {
    await using simulation = await simulate({ ...answers, anthropic: messageStream(['ok']) }, to(GEMINI!, OPENAI!, CLAUDE!));
    const { texts, end } = await read(simulation.models.language?.stream(callOf(), never));
    expect(texts).toEqual(['ok']);
    expect(end?.attempts).toHaveLength(3);
  });

  it.each([
    [OPENAI, { openai: completionStream(['par', 't'], 'cut') }],
    [OPENAI, { openai: completionStream(['par', 't'], 'hang') }],
    [OPENAI, { openai: completionStream(['par', 't'], 'no-reason') }],
    [GEMINI, { gemini: contentStream(['par', 't'], 'cut') }],
    [GEMINI, { gemini: contentStream(['par', 't'], 'hang') }],
    [CLAUDE, { anthropic: messageStream(['par', 't'], 'overloaded') }],
  ])('fails after the first text instead of beginning anew: %s', async (model, answers) => {
    await using simulation = await simulate({ ...answers, groq: completionStream(['other']) }, to(model!, 'groq:g'));
    const { texts, failure } = await read(simulation.models.language?.stream(callOf(), never));
    expect(texts).toEqual(['par', 't']);
    expect(failure).toMatchObject({ code: 'MODEL_FAILED' });
    expect(simulation.wire('groq').requests).toEqual([]);
    expect(simulation.budget.open.size).toBe(0);
  });

  it.each([
    [OPENAI, { openai: completionStream(['a', 'b'], 'hang') }, 'openai'],
    [GEMINI, { gemini: contentStream(['a', 'b'], 'hang') }, 'gemini'],
  ] as const)('closes the connection and settles when the reader of %s goes away', async (model, answers, provider) => {
    await using simulation = await simulate(answers, { GLEANER_MODELS: `*=${model}` });
    for await (const chunk of simulation.models.language?.stream(callOf(), never) ?? []) if (chunk.type === 'text') break;
    await simulation.wire(provider).abandoned(1);
    expect(simulation.budget.open.size).toBe(0);
    expect(simulation.budget.used('job:job_1').calls).toBe(1);
    const controller = new AbortController();
    const reading = read(simulation.models.language?.stream(callOf(), controller.signal));
    while (simulation.wire(provider).requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    expect((await reading).failure).toMatchObject({ message: 'enough' });
    await simulation.wire(provider).abandoned(2);
    expect(simulation.budget.open.size).toBe(0);
  });

  it('gives what was answered before as one text', async () => {
    await using simulation = await simulate({ openai: completionStream(['Hel', 'lo']) }, to(OPENAI!));
    const call = callOf();
    await read(simulation.models.language?.stream(call, never));
    const { texts, end } = await read(simulation.models.language?.stream(call, never));
    expect(texts).toEqual(['Hello']);
    expect(end?.attempts).toMatchObject([{ outcome: 'replayed' }]);
    expect(simulation.wire('openai').requests).toHaveLength(1);
  });
});
