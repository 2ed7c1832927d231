import { describe, expect, it } from 'vitest';
import { answerSchema } from './answer-schema.js';
import { capabilityOf } from './capabilities.js';
import { priceOf } from './prices.js';
import { geminiSchema } from './providers/gemini-schema.js';
import { serverEvents } from './providers/server-events.js';
import { isStrict } from './providers/strict-schema.js';

const MILLION = { inputTokens: 1_000_000, outputTokens: 1_000_000 };
const cost = (provider: 'gemini' | 'openai' | 'ollama' | 'nvidia', model: string, date = '2026-10-01', isOwn = false) =>
  priceOf({ provider, model }, isOwn)(MILLION, Date.parse(date));

describe('prices', () => {
  it('hold from their date, for dated names too', () => {
    expect(cost('gemini', 'gemini-3.8-flash')).toBe(4_500_000);
    expect(cost('gemini', 'gemini-3.8-flash', '2027-01-01')).toBe(9_000_000);
    expect(cost('gemini', 'gemini-3.8-flash', '2020-01-01')).toBe(4_500_000);
    expect(cost('openai', 'gpt-4.1-mini-2025-04-14')).toBe(2_000_000);
  });

  it('are not known of others, and nothing for local models', () => {
    expect([cost('openai', 'gpt-4.1-minimal'), cost('nvidia', 'x'), cost('openai', 'gpt-4.1', '2026-10-01', true)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(cost('ollama', 'anything')).toBe(0);
    expect(priceOf({ provider: 'openai', model: 'text-embedding-3-small' }, false)({ inputTokens: 1, outputTokens: 0 }, 0)).toBe(1);
  });
});

describe('capabilities', () => {
  it('are those of the first row that fits, and what the operator says', () => {
    expect(capabilityOf({ provider: 'groq', model: 'llama-3.1-8b-instant' }).mode).toBe('json');
    expect(capabilityOf({ provider: 'groq', model: 'openai/gpt-oss-20b' }).mode).toBe('schema');
    expect(capabilityOf({ provider: 'anthropic', model: 'claude-sonnet-4-5' }).mode).toBe('tool');
    expect(capabilityOf({ provider: 'openai', model: 'mine' }).mode).toBe('json');
    expect(capabilityOf({ provider: 'openai', model: 'gpt-4.1', mode: 'none' })).toEqual({ mode: 'none', contextTokens: 1_047_576 });
  });
});

describe('schemas', () => {
  const given = {
    type: 'object',
    properties: {
      properties: { type: 'array', items: { type: 'object', properties: { a: { enum: [{ properties: {} }] } } } },
      free: { type: 'object' },
    },
    required: ['properties'],
  };

  it('are closed where they say nothing, and nowhere else', () => {
    const { schema, check } = answerSchema(given);
    expect(schema).toEqual({
      type: 'object',
      properties: {
        properties: {
          type: 'array',
          items: { type: 'object', properties: { a: { enum: [{ properties: {} }] } }, additionalProperties: false },
        },
        free: { type: 'object' },
      },
      required: ['properties'],
      additionalProperties: false,
    });
    expect(check('{"properties":[],"free":{"x":1}}').ok).toBe(true);
    expect(check('{"properties":[{"b":1}]}')).toMatchObject({ ok: false });
    expect(check('null').ok).toBe(false);
    expect(answerSchema({ type: 'object', properties: {}, additionalProperties: true }).check('{"x":1}').ok).toBe(true);
  });

  it('are strict only when every object is closed and whole', () => {
    const whole = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
    expect(isStrict(whole)).toBe(true);
    expect(isStrict({ ...whole, properties: { a: { type: 'array', items: { ...whole, required: [] } } } })).toBe(false);
    expect(isStrict({ ...whole, additionalProperties: true })).toBe(false);
  });

  it.each([
    [
      { type: 'string', enum: ['a', 'b'], pattern: 'x' },
      { type: 'string', enum: ['a', 'b'] },
    ],
    [
      { type: ['integer', 'null'], minimum: 1, default: 3 },
      { type: 'integer', minimum: 1, nullable: true },
    ],
    [{ type: 'string', format: 'uri' }, { type: 'string' }],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    [{ $ref: '#/$defs/a' }, null],
    [{ type: 'object' }, null],
    [{ type: ['string', 'number'] }, null],
    [{ type: 'integer', enum: [1, 2] }, null],
    [{ type: 'object', properties: { a: { const: 1 } } }, null],
  ])('become what Gemini takes, or nothing: %j', (schema, expected) => {
    expect(geminiSchema(schema)).toEqual(expected);
  });
});

describe('serverEvents', () => {
  const read = async (text: string, size: number): Promise<string[]> => {
    const bytes = Buffer.from(text);
    async function* parts() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    return Array.fromAsync(serverEvents(parts()));
  };

  it('gives the same events however the bytes are cut', async () => {
    const text = ': hi\r\ndata: één\r\ndata:two\r\n\r\nevent: x\ndata: 東京 {"a":1}\n\n\ndata: lost';
    for (let size = 1; size <= Buffer.byteLength(text); size++)
      expect(await read(text, size), String(size)).toEqual(['één\ntwo', '東京 {"a":1}']);
  });

  it('refuses one that never ends', async () => {
    await expect(read(`data: ${'x'.repeat(1_100_000)}`, 65_536)).rejects.toThrow('too long');
    await expect(read('data: x\n'.repeat(200_000), 65_536)).rejects.toThrow('too long');
  });
});
