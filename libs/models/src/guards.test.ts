import { describe, expect, it } from 'vitest';
import { message } from './test-support/anthropic-wire.js';
import { completion, openAiError } from './test-support/openai-wire.js';
import { type Simulation, callOf, never, simulate } from './test-support/simulation.js';
import { silence } from './test-support/wire-server.js';

const TWO = { GLEANER_MODELS: '*=openai:gpt-4.1-mini,anthropic:claude-haiku-4-5' };
const ONE = { GLEANER_MODELS: '*=openai:gpt-4.1-mini' };
const ask = async ({ models }: Simulation) => models.language?.text(callOf(), never);
const outcomes = (reply: { readonly attempts: readonly { readonly outcome: string }[] } | undefined) =>
  reply?.attempts.map(({ outcome }) => outcome);
const codes = (settled: readonly PromiseSettledResult<unknown>[]): string[] =>
  settled.map((one) => (one.status === 'fulfilled' ? 'answered' : String((one.reason as { code?: string }).code)));

describe('what stands before a call', () => {
  it('lets at most 7 of 20 parallel calls out of a budget of 7', async () => {
    await using simulation = await simulate({ openai: completion('ok') }, { ...ONE, GLEANER_MODEL_CALLS_PER_JOB: '7' });
    const calls = Array.from({ length: 20 }, () => ask(simulation));
    const ends = codes(await Promise.allSettled(calls));
    expect(ends.filter((end) => end === 'answered')).toHaveLength(7);
    expect(ends.filter((end) => end === 'MODEL_BUDGET_REACHED')).toHaveLength(13);
    expect(simulation.wire('openai').requests).toHaveLength(7);
    expect(await simulation.models.language?.text(callOf({ jobId: 'job_2' }), never)).toMatchObject({ text: 'ok' });
  });

  it('lets no more out when all of them fail', async () => {
    await using simulation = await simulate({ openai: openAiError(400) }, { ...ONE, GLEANER_MODEL_CALLS_PER_JOB: '7' });
    await Promise.allSettled(Array.from({ length: 20 }, () => ask(simulation)));
    expect(simulation.wire('openai').requests).toHaveLength(7);
    expect(simulation.budget.used('job:job_1')).toEqual({ calls: 7, tokens: 0, microUsd: 0 });
  });

  it('reserves what a call may cost, and settles what it did', async () => {
    await using simulation = await simulate({ openai: completion('ok') }, { ...ONE, GLEANER_MODEL_USD_PER_DAY: '0.0001' });
    await expect(simulation.models.language?.text(callOf(), never)).rejects.toMatchObject({
      code: 'MODEL_BUDGET_REACHED',
      message: 'The budget for models of this day is 0.0001 US dollars, and it is used up.',
    });
    expect(await simulation.models.language?.text(callOf({ maxOutputTokens: 50 }), never)).toMatchObject({ costUsd: 0.000016 });
    expect(simulation.budget.used('day:2026-10-01')).toEqual({ calls: 1, tokens: 18, microUsd: 16 });
    expect(simulation.budget.used('provider:openai:2026-10-01')).toEqual(simulation.budget.used('job:job_1'));
    expect(simulation.budget.open.size).toBe(0);
  });

  it('passes over a provider whose budget is used up', async () => {
    await using simulation = await simulate(
      { openai: completion('ok'), anthropic: message('too') },
      { ...TWO, GLEANER_MODEL_CALLS_PER_PROVIDER_DAY: '1' },
    );
    expect(outcomes(await simulation.models.language?.text(callOf(), never))).toEqual(['answered']);
    expect(outcomes(await simulation.models.language?.text(callOf(), never))).toEqual(['budget', 'answered']);
  });

  it('answers an attempt that is made again without a call and without a charge', async () => {
    await using simulation = await simulate({ openai: completion('paid once') }, ONE);
    const call = callOf();
    const first = await simulation.models.language?.text(call, never);
    const again = await simulate({ openai: openAiError(500) }, ONE, simulation.budget);
    const second = await again.models.language?.text(call, never);
    await again[Symbol.asyncDispose]();
    const kept = { usage: first?.usage, costUsd: first?.costUsd };
    const replayed = { provider: 'openai', model: 'gpt-4.1-mini', outcome: 'replayed', called: true, durationMs: 0, kept };
    expect(second).toEqual({ ...first, attempts: [replayed] });
    expect(again.wire('openai').requests).toEqual([]);
    expect(simulation.budget.used('job:job_1').calls).toBe(1);
  });

  it('does not charge a failed call again when its activity is retried', async () => {
    await using simulation = await simulate({ openai: (_, index) => (index === 0 ? openAiError(503) : completion('at last')) }, ONE);
    const call = callOf();
    await expect(simulation.models.language?.text(call, never)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    expect(await simulation.models.language?.text(call, never)).toMatchObject({ text: 'at last' });
    expect(simulation.budget.used('job:job_1').calls).toBe(1);
  });

  it('keeps away from a provider that asked for it, until it is over', async () => {
    await using simulation = await simulate(
      {
        openai: (_, index) =>
          index === 0
            ? openAiError(429, null, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m30s' })
            : completion('ok'),
        anthropic: message('too'),
      },
      TWO,
    );
    const asked = async () => outcomes(await simulation.models.language?.text(callOf(), never));
    expect([await asked(), await asked()]).toEqual([
      ['rate-limited', 'answered'],
      ['rate-limited', 'answered'],
    ]);
    expect(simulation.wire('openai').requests).toHaveLength(1);
    simulation.clock.now += 89_999;
    expect(await asked()).toEqual(['rate-limited', 'answered']);
    simulation.clock.now += 1;
    expect(await asked()).toEqual(['answered']);
  });

  it('stops before a limit of which an answer says that nothing is left', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '10s' };
    await using simulation = await simulate({ openai: completion('ok', { headers }), anthropic: message('too') }, TWO);
    expect(outcomes(await simulation.models.language?.text(callOf(), never))).toEqual(['answered']);
    expect(outcomes(await simulation.models.language?.text(callOf(), never))).toEqual(['rate-limited', 'answered']);
  });

  it('holds its own rate, and takes the next provider beyond it', async () => {
    await using simulation = await simulate(
      { openai: completion('ok'), anthropic: message('too') },
      { ...TWO, GLEANER_MODEL_REQUESTS_PER_MINUTE: '3' },
    );
    await Promise.all(Array.from({ length: 6 }, () => ask(simulation)));
    expect([simulation.wire('openai').requests.length, simulation.wire('anthropic').requests.length]).toEqual([3, 3]);
    await expect(simulation.models.language?.text(callOf(), never)).rejects.toMatchObject({ code: 'MODEL_FAILED', retryAfterMs: 60_000 });
    expect(simulation.budget.used('job:job_1').calls).toBe(6);
    simulation.clock.now += 60_000;
    expect(outcomes(await simulation.models.language?.text(callOf(), never))).toEqual(['answered']);
  });

  it('opens the breaker of a failing model, and sends exactly one of 50 calls to try', async () => {
    await using simulation = await simulate(
      { openai: (_, index) => (index < 6 ? openAiError(500) : completion('back')), anthropic: message('too') },
      TWO,
    );
    for (let index = 0; index < 5; index++) await ask(simulation);
    expect(outcomes(await ask(simulation))).toEqual(['breaker-open', 'answered']);
    simulation.clock.now += 30_000;
    await Promise.all(Array.from({ length: 50 }, () => ask(simulation)));
    expect(simulation.wire('openai').requests).toHaveLength(6);
    simulation.clock.now += 30_000;
    await ask(simulation);
    expect(outcomes(await ask(simulation))).toEqual(['answered']);
  });

  it('asks a refused key again after ten minutes, and never for another model meanwhile', async () => {
    await using simulation = await simulate(
      { openai: (_, index) => (index === 0 ? openAiError(401) : completion('ok')), anthropic: message('too') },
      { GLEANER_MODELS: '*=openai:gpt-4.1-mini,openai:gpt-4o,anthropic:claude-haiku-4-5' },
    );
    const asked = async () => outcomes(await simulation.models.language?.text(callOf(), never));
    expect(await asked()).toEqual(['misconfigured', 'misconfigured', 'answered']);
    expect(simulation.wire('openai').requests).toHaveLength(1);
    simulation.clock.now += 600_000;
    expect(await asked()).toEqual(['answered']);
  });

  it('ends at the signal: the connection closes and nothing stays reserved', async () => {
    await using simulation = await simulate(
      { openai: silence, gemini: silence },
      { GLEANER_MODELS: 'extract=openai:gpt-4.1-mini;learn=gemini:gemini-2.5-flash' },
    );
    for (const [role, provider] of [
      ['extract', 'openai'],
      ['learn', 'gemini'],
    ] as const) {
      const controller = new AbortController();
      const asked = simulation.models.language?.text(callOf({ role }), controller.signal);
      while (simulation.wire(provider).requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('enough'));
      await expect(asked).rejects.toThrow('enough');
      await simulation.wire(provider).abandoned(1);
    }
    expect(simulation.budget.open.size).toBe(0);
    await expect(simulation.models.language?.text(callOf(), AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(simulation.budget.used('job:job_1').calls).toBe(2);
    expect(simulation.wire('openai').requests).toHaveLength(1);
  });
});
