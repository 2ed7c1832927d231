import { describe, expect, it } from 'vitest';
import { message, toolUse } from './test-support/anthropic-wire.js';
import { content } from './test-support/gemini-wire.js';
import { completion, openAiError } from './test-support/openai-wire.js';
import { never, simulate, structuredOf } from './test-support/simulation.js';

const VALUE = { title: 'Lamp', price: 12.5 };
const GOOD = JSON.stringify(VALUE);
const CLOSED = {
  type: 'object',
  properties: { title: { type: 'string' }, price: { type: ['number', 'null'] } },
  required: ['title', 'price'],
  additionalProperties: false,
};

describe('structured answers', () => {
  it('asks OpenAI with its strict schema, and with a loose one where the schema is', async () => {
    await using simulation = await simulate({ openai: completion(GOOD) }, { GLEANER_MODELS: '*=openai:gpt-4.1-mini' });
    expect(await simulation.models.language?.structured(structuredOf(), never)).toMatchObject({
      kind: 'value',
      value: VALUE,
      provider: 'openai',
    });
    await simulation.models.language?.structured(structuredOf({ schema: { ...CLOSED, required: ['title'] } }), never);
    const [strict, loose] = simulation.wire('openai').requests.map(({ body }) => body);
    expect(strict).toMatchObject({
      max_completion_tokens: 100,
      messages: [
        { role: 'system', content: 'SYSTEM-TEXT' },
        { role: 'user', content: 'PROMPT-TEXT' },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: CLOSED } },
    });
    expect(loose).toMatchObject({ response_format: { json_schema: { strict: false } } });
  });

  it('asks Gemini by the schema it knows and by words', async () => {
    await using simulation = await simulate({ gemini: content(GOOD) }, { GLEANER_MODELS: '*=gemini:gemini-3.8-flash' });
    expect(await simulation.models.language?.structured(structuredOf(), never)).toMatchObject({ kind: 'value', value: VALUE });
    const [body] = simulation.wire('gemini').requests.map((request) => request.body);
    expect(body).toMatchObject({
      generationConfig: {
        responseMimeType: 'application/json',
        responseSchema: {
          type: 'object',
          properties: { title: { type: 'string' }, price: { type: 'number', nullable: true } },
          required: ['title', 'price'],
        },
      },
    });
    expect(JSON.stringify(body?.['systemInstruction'])).toContain('additionalProperties');
  });

  it('has Anthropic fill in a form, or its newer models follow a schema', async () => {
    const models = { GLEANER_MODELS: 'extract=anthropic:claude-haiku-4-5;learn=anthropic:claude-haiku-5-5' };
    await using simulation = await simulate({ anthropic: (_, index) => (index === 0 ? toolUse(VALUE) : message(GOOD)) }, models);
    for (const role of ['extract', 'learn'] as const)
      expect(await simulation.models.language?.structured(structuredOf({ role }), never)).toMatchObject({ kind: 'value', value: VALUE });
    const [form, schema] = simulation.wire('anthropic').requests.map(({ body }) => body);
    expect(form).toMatchObject({ tools: [{ name: 'answer', input_schema: CLOSED }], tool_choice: { type: 'tool', name: 'answer' } });
    expect(schema).toMatchObject({ output_config: { format: { type: 'json_schema', schema: CLOSED } } });
  });

  it('asks a service of one’s own for any JSON, or for none, and reads it out of a code fence', async () => {
    const models = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', GLEANER_MODELS: 'extract=openai:mine;learn=openai:mine|none' };
    await using simulation = await simulate({ openai: completion(`\`\`\`json\n${GOOD}\n\`\`\``) }, models);
    for (const role of ['extract', 'learn'] as const)
      expect(await simulation.models.language?.structured(structuredOf({ role }), never)).toMatchObject({
        kind: 'value',
        value: VALUE,
        priced: false,
        costUsd: 0,
      });
    const [any, none] = simulation.wire('openai').requests.map(({ body }) => body);
    expect(any).toMatchObject({ max_tokens: 100, response_format: { type: 'json_object' } });
    expect(none).not.toHaveProperty('response_format');
    expect(JSON.stringify(none?.['messages'])).toContain('additionalProperties');
  });

  it.each([
    ['{"title":"Lamp"}', 'price'],
    ['{"title":"Lamp","price":"12"}', 'number'],
    ['{"title":"Lamp","price":1,"secret":2}', 'additional'],
    ['Here you are: {"title":', 'not one complete JSON'],
  ])('gives a wrong answer back once, with what is wrong: %s', async (wrong, problem) => {
    await using simulation = await simulate(
      { openai: (_, index) => completion(index === 0 ? wrong : GOOD) },
      { GLEANER_MODELS: '*=openai:gpt-4.1-mini' },
    );
    const reply = await simulation.models.language?.structured(structuredOf(), never);
    expect(reply).toMatchObject({
      kind: 'value',
      value: VALUE,
      usage: { inputTokens: 22, outputTokens: 14 },
      attempts: [{ outcome: 'invalid-answer' }, { outcome: 'answered' }],
    });
    const messages = simulation.wire('openai').requests[1]?.body['messages'] as { role: string; content: string }[];
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(messages[2]?.content).toBe(wrong);
    expect(messages[3]?.content).toContain(problem);
    expect(simulation.budget.used('job:job_1').calls).toBe(2);
  });

  it('says that an answer was cut off', async () => {
    await using simulation = await simulate(
      { openai: (_, index) => (index === 0 ? completion('{"title":"La', { finish: 'length' }) : completion(GOOD)) },
      { GLEANER_MODELS: '*=openai:gpt-4.1-mini' },
    );
    expect(await simulation.models.language?.structured(structuredOf(), never)).toMatchObject({ kind: 'value' });
    expect(JSON.stringify(simulation.wire('openai').requests[1]?.body)).toContain('cut off');
  });

  it('moves on after two wrong answers, and ends when all models gave them', async () => {
    const models = { GLEANER_MODELS: '*=openai:gpt-4.1-mini,anthropic:claude-haiku-4-5' };
    await using simulation = await simulate({ openai: completion('no'), anthropic: toolUse(VALUE) }, models);
    const call = structuredOf();
    const reply = await simulation.models.language?.structured(call, never);
    expect(reply).toMatchObject({
      provider: 'anthropic',
      attempts: [{ outcome: 'invalid-answer' }, { outcome: 'invalid-answer' }, { outcome: 'answered' }],
    });
    // Made again, the whole story is answered from what was kept.
    expect(await simulation.models.language?.structured(call, never)).toMatchObject({
      kind: 'value',
      value: VALUE,
      provider: 'anthropic',
      costUsd: reply?.costUsd,
    });
    expect([simulation.wire('openai').requests.length, simulation.wire('anthropic').requests.length]).toEqual([2, 1]);
    await using other = await simulate({ openai: completion('no'), anthropic: toolUse({ title: 1 }) }, models);
    await expect(other.models.language?.structured(structuredOf(), never)).rejects.toMatchObject({
      code: 'MODEL_ANSWER_INVALID',
      retryable: false,
    });
  });

  it('moves on when the repair fails on the way', async () => {
    await using simulation = await simulate(
      { openai: (_, index) => (index === 0 ? completion('no') : openAiError(500)), anthropic: toolUse(VALUE) },
      { GLEANER_MODELS: '*=openai:gpt-4.1-mini,anthropic:claude-haiku-4-5' },
    );
    const reply = await simulation.models.language?.structured(structuredOf(), never);
    expect(reply?.attempts.map(({ outcome }) => outcome)).toEqual(['invalid-answer', 'unavailable', 'answered']);
  });

  it('takes a refusal as the answer', async () => {
    await using simulation = await simulate({ openai: completion('', { refusal: 'No.' }) }, { GLEANER_MODELS: '*=openai:gpt-4.1-mini' });
    expect(await simulation.models.language?.structured(structuredOf(), never)).toMatchObject({ kind: 'refused', provider: 'openai' });
  });

  it.each([
    [{ type: 'objekt' }, 'cannot be used'],
    [{ type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }, 'patterns are not supported'],
    [{ type: 'object', description: 'x'.repeat(70_000) }, 'too large'],
  ])('refuses a schema that cannot be used before anything is asked', async (schema, problem) => {
    await using simulation = await simulate({ openai: completion(GOOD) }, { GLEANER_MODELS: '*=openai:gpt-4.1-mini' });
    const failure: unknown = await simulation.models.language?.structured(structuredOf({ schema }), never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_INPUT' });
    expect(String(failure)).toContain(problem);
    expect(simulation.wire('openai').requests).toEqual([]);
  });
});
