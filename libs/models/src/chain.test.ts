import { type Fault, spendingOf } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { anthropicError, message } from './test-support/anthropic-wire.js';
import { BAD_KEY, RETRY_IN_17_SECONDS, blockedPrompt, content, geminiError } from './test-support/gemini-wire.js';
import { completion, openAiError } from './test-support/openai-wire.js';
import { callOf, never, simulate } from './test-support/simulation.js';
import { silence, truncated } from './test-support/wire-server.js';

const CHAIN = { GLEANER_MODELS: '*=gemini:gemini-2.5-flash,openai:gpt-4.1-mini,anthropic:claude-haiku-4-5' };
const GOOD = { openai: completion('from openai'), anthropic: message('from anthropic') };

const fault = async (promise: Promise<unknown> | undefined): Promise<unknown> =>
  promise?.then(
    () => 'answered',
    (error: unknown) => error,
  );

describe('a chain of models', () => {
  it('asks in the order of the configuration, and tells tokens and money', async () => {
    await using simulation = await simulate({ ...GOOD, gemini: content('from gemini') }, CHAIN);
    expect(await simulation.models.language?.text(callOf(), never)).toEqual({
      text: 'from gemini',
      finish: 'stop',
      provider: 'gemini',
      model: 'gemini-2.5-flash',
      usage: { inputTokens: 13, outputTokens: 7, estimated: false },
      costUsd: 0.000022, // 13 × 0.30 + 7 × 2.50 millionths, rounded up
      priced: true,
      attempts: [{ provider: 'gemini', model: 'gemini-2.5-flash', outcome: 'answered', called: true, durationMs: 0 }],
    });
    expect(simulation.wire('openai').requests).toEqual([]);
    expect(simulation.wire('gemini').requests).toMatchObject([
      {
        path: '/v1beta/models/gemini-2.5-flash:generateContent',
        headers: { 'x-goog-api-key': 'gm-secret' },
        body: {
          systemInstruction: { parts: [{ text: 'SYSTEM-TEXT' }] },
          contents: [{ role: 'user', parts: [{ text: 'PROMPT-TEXT' }] }],
          generationConfig: { maxOutputTokens: 100 },
        },
      },
    ]);
    await using other = await simulate(GOOD, { GLEANER_MODELS: '*=anthropic:claude-haiku-4-5,openai:gpt-4.1-mini' });
    expect(await other.models.language?.text(callOf(), never)).toMatchObject({
      provider: 'anthropic',
      usage: { inputTokens: 17, outputTokens: 3 },
    });
    expect(other.wire('anthropic').requests).toMatchObject([
      {
        path: '/messages',
        headers: { 'x-api-key': 'ant-secret', 'anthropic-version': '2023-06-01' },
        body: { max_tokens: 100, system: 'SYSTEM-TEXT', messages: [{ role: 'user', content: 'PROMPT-TEXT' }] },
      },
    ]);
  });

  it.each([
    ['500', geminiError(500), 'unavailable'],
    ['503', geminiError(503), 'unavailable'],
    ['429', geminiError(429, [RETRY_IN_17_SECONDS]), 'rate-limited'],
    ['401', geminiError(401), 'misconfigured'],
    ['403', geminiError(403), 'misconfigured'],
    ['404', geminiError(404), 'misconfigured'],
    ['a bad key as Gemini says it', geminiError(400, [BAD_KEY]), 'misconfigured'],
    ['truncated JSON', truncated({ candidates: [{ content: { parts: [{ text: 'x'.repeat(100) }] } }] }), 'broken-answer'],
    ['an answer that is none', { parts: ['{"hello":1}'], end: 'close' }, 'broken-answer'],
    ['a broken connection', { parts: ['{"cand'], end: 'cut' }, 'broken-answer'],
  ] as const)('moves on after %s', async (_, answer, outcome) => {
    await using simulation = await simulate({ ...GOOD, gemini: answer }, CHAIN);
    const reply = await simulation.models.language?.text(callOf(), never);
    expect(reply).toMatchObject({
      text: 'from openai',
      attempts: [
        { provider: 'gemini', outcome },
        { provider: 'openai', outcome: 'answered' },
      ],
    });
    expect(simulation.wire('gemini').requests).toHaveLength(1);
  });

  it.each([
    ['500', openAiError(500), 'unavailable'],
    ['429', openAiError(429, 'rate_limit_exceeded', { 'retry-after': '20' }), 'rate-limited'],
    ['no credit', openAiError(429, 'insufficient_quota'), 'rate-limited'],
    ['401', openAiError(401, 'invalid_api_key'), 'misconfigured'],
    ['404', openAiError(404, 'model_not_found'), 'misconfigured'],
    ['truncated JSON', truncated({ choices: [{ message: { content: 'x'.repeat(100) } }] }), 'broken-answer'],
    ['no choices', { parts: ['{"choices":[]}'], end: 'close' }, 'broken-answer'],
    ['a broken connection', { parts: ['{"cho'], end: 'cut' }, 'broken-answer'],
  ] as const)('moves on from an OpenAI-compatible service after %s', async (_, answer, outcome) => {
    await using simulation = await simulate(
      { groq: answer, anthropic: GOOD.anthropic },
      { GLEANER_MODELS: '*=groq:g,anthropic:claude-haiku-4-5' },
    );
    expect(await simulation.models.language?.text(callOf(), never)).toMatchObject({ text: 'from anthropic', attempts: [{ outcome }, {}] });
  });

  it.each([
    [529, 'overloaded_error', 'unavailable'],
    [429, 'rate_limit_error', 'rate-limited'],
    [403, 'permission_error', 'misconfigured'],
  ] as const)('moves on from Anthropic after %i', async (status, type, outcome) => {
    await using simulation = await simulate(
      { anthropic: anthropicError(status, type), openai: GOOD.openai },
      { GLEANER_MODELS: '*=anthropic:claude-haiku-4-5,openai:gpt-4.1-mini' },
    );
    expect(await simulation.models.language?.text(callOf(), never)).toMatchObject({ text: 'from openai', attempts: [{ outcome }, {}] });
  });

  it('moves on when nobody listens, when nothing comes in time, and when a model has no key or too small a context', async () => {
    await using simulation = await simulate(
      { gemini: silence, openai: silence, anthropic: message('from anthropic') },
      {
        OLLAMA_HOST: '127.0.0.1:1',
        GLEANER_MODEL_TIMEOUT_MS: '1000',
        GLEANER_MODELS: '*=ollama:a,groq:b,ollama:c,gemini:gemini-2.5-flash,openai:gpt-4.1-mini,anthropic:claude-haiku-4-5',
      },
    );
    const reply = await simulation.models.language?.text(callOf({ maxOutputTokens: 32_000 }), never);
    expect(reply?.attempts.map(({ outcome }) => outcome)).toEqual([
      'unreachable',
      'not-configured',
      'unreachable',
      'timeout',
      'timeout',
      'answered',
    ]);
    await Promise.all([simulation.wire('gemini').abandoned(1), simulation.wire('openai').abandoned(1)]);
    const long = await simulation.models.language?.text(callOf({ maxOutputTokens: 33_000 }), never);
    expect(long?.attempts.map(({ outcome }) => outcome)).toEqual([
      'too-long',
      'not-configured',
      'too-long',
      'timeout',
      'timeout',
      'answered',
    ]);
  });

  it.each([
    ['400', geminiError(400)],
    ['413', geminiError(413)],
    ['422', geminiError(422)],
  ])('stops at %s, which is of our making', async (status, answer) => {
    await using simulation = await simulate({ ...GOOD, gemini: answer }, CHAIN);
    expect(await fault(simulation.models.language?.text(callOf(), never))).toMatchObject({
      code: 'MODEL_REJECTED',
      message: `gemini:gemini-2.5-flash refused the request with ${status}.`,
    });
    expect(simulation.wire('openai').requests).toEqual([]);
  });

  it.each([
    ['gemini', 'gemini:gemini-2.5-flash', content('', 'SAFETY')],
    ['gemini', 'gemini:gemini-2.5-flash', blockedPrompt()],
    ['openai', 'openai:gpt-4.1-mini', completion('', { refusal: 'No.' })],
    ['openai', 'openai:gpt-4.1-mini', completion('', { finish: 'content_filter' })],
    ['anthropic', 'anthropic:claude-haiku-4-5', message('', 'refusal')],
  ] as const)('takes a refusal of %s as the answer', async (provider, id, answer) => {
    await using simulation = await simulate({ groq: completion('from groq'), [provider]: answer }, { GLEANER_MODELS: `*=${id},groq:g` });
    expect(await simulation.models.language?.text(callOf(), never)).toMatchObject({ finish: 'refused', provider });
  });

  it('says in what state every model is when none answers, and nothing of keys and prompts', async () => {
    await using simulation = await simulate(
      { gemini: geminiError(429, [RETRY_IN_17_SECONDS]), openai: openAiError(401), anthropic: anthropicError(529, 'overloaded_error') },
      CHAIN,
    );
    const failure = await fault(simulation.models.language?.text(callOf(), never));
    expect(failure).toMatchObject({
      code: 'MODEL_FAILED',
      retryable: true,
      retryAfterMs: 17_000,
      message:
        'No model answered for extract: gemini:gemini-2.5-flash rate-limited, openai:gpt-4.1-mini misconfigured, anthropic:claude-haiku-4-5 unavailable.',
    });
    expect(JSON.stringify([String(failure), (failure as Error).cause ?? null])).not.toMatch(/secret|TEXT|127\.0/);
    await using refused = await simulate(
      { gemini: geminiError(403), openai: openAiError(401), anthropic: anthropicError(401, 'authentication_error') },
      CHAIN,
    );
    expect(await fault(refused.models.language?.text(callOf(), never))).toMatchObject({ code: 'MODEL_REJECTED', retryable: false });
  });

  it('says what it spent when none answers: every call that left, whatever came of it, and no other', async () => {
    const answers = {
      gemini: geminiError(429, [RETRY_IN_17_SECONDS]),
      openai: openAiError(500),
      anthropic: anthropicError(401, 'authentication_error'),
    };
    await using simulation = await simulate(answers, CHAIN);
    const spent = async (job = 'job_1') =>
      spendingOf((await fault(simulation.models.language?.text({ ...callOf(), jobId: job }, never))) as Fault);
    expect(await spent()).toEqual({ modelCalls: 3, tokens: 0, costUsd: 0 });
    // Gemini is paused and the key of Anthropic refused: nobody asks them.
    expect(await spent()).toMatchObject({ modelCalls: 1 });
    await using refusing = await simulate({ gemini: geminiError(503), openai: openAiError(400), anthropic: GOOD.anthropic }, CHAIN);
    const rejected = (await fault(refusing.models.language?.text(callOf(), never))) as Fault;
    expect([rejected.code, spendingOf(rejected).modelCalls]).toEqual(['MODEL_REJECTED', 2]);
    await using poor = await simulate({ gemini: geminiError(503), ...GOOD }, { ...CHAIN, GLEANER_MODEL_CALLS_PER_JOB: '1' });
    const late = (await fault(poor.models.language?.text(callOf(), never))) as Fault;
    expect([late.code, spendingOf(late).modelCalls]).toEqual(['MODEL_BUDGET_REACHED', 1]);
  });

  it('counts the tokens of answers that were no use', async () => {
    await using simulation = await simulate({ openai: completion('no JSON') }, { GLEANER_MODELS: '*=openai:gpt-4.1-mini|json' });
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    const failure = (await fault(simulation.models.language?.structured({ ...callOf(), name: 'a', schema }, never))) as Fault;
    expect(failure.code).toBe('MODEL_ANSWER_INVALID');
    expect(spendingOf(failure)).toMatchObject({ modelCalls: 2, tokens: 36 });
  });
});
