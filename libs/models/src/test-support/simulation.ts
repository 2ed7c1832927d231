import { type ModelCall, type ModelProvider, type StructuredCall, readSettings } from '@gleaner/domain';
import { type Models, createModels } from '../create-models.js';
import { type MemoryBudget, createMemoryBudget } from './memory-budget.js';
import { type Wire, type WireAnswer, type WireRequest, startWire } from './wire-server.js';

const KEYS: Readonly<Record<ModelProvider, Readonly<Record<string, string>>>> = {
  gemini: { GEMINI_API_KEY: 'gm-secret' },
  openai: { OPENAI_API_KEY: 'sk-secret' },
  anthropic: { ANTHROPIC_API_KEY: 'ant-secret' },
  groq: { GROQ_API_KEY: 'gsk-secret' },
  nvidia: { NVIDIA_API_KEY: 'nv-secret' },
  ollama: { OLLAMA_HOST: 'http://127.0.0.1:1' },
};

type Answers = (request: WireRequest, index: number) => WireAnswer;

export interface Simulation extends AsyncDisposable {
  readonly models: Models;
  readonly budget: MemoryBudget;
  readonly clock: { now: number };
  wire(provider: ModelProvider): Wire;
}

/** Models against providers on loopback, each with a key, a clock that stands still, and a budget in memory. */
export async function simulate(
  answers: Readonly<Partial<Record<ModelProvider, Answers | WireAnswer>>>,
  environment: Readonly<Record<string, string>> = {},
  budget: MemoryBudget = createMemoryBudget(),
): Promise<Simulation> {
  const wires = new Map<ModelProvider, Wire>();
  const keys: Record<string, string> = {};
  for (const [provider, answer] of Object.entries(answers) as [ModelProvider, Answers | WireAnswer][]) {
    wires.set(provider, await startWire(typeof answer === 'function' ? answer : () => answer));
    Object.assign(keys, KEYS[provider]);
  }
  const read = readSettings({ ...keys, ...environment });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const clock = { now: Date.parse('2026-10-01T12:00:00Z') };
  const endpoints = Object.fromEntries([...wires].map(([provider, { url }]) => [provider, url]));
  const models = createModels({ settings: read.settings, budget, now: () => clock.now, endpoints });
  return {
    models,
    budget,
    clock,
    wire(provider) {
      const wire = wires.get(provider);
      if (wire === undefined) throw new Error(`${provider} is not simulated`);
      return wire;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...wires.values()].map((wire) => wire.close()));
    },
  };
}

export const never: AbortSignal = new AbortController().signal;

let calls = 0;

/** A call with a key of its own. */
export function callOf(change: Partial<ModelCall> = {}): ModelCall {
  const messages = [{ role: 'user', text: 'PROMPT-TEXT' }] as const;
  return { role: 'extract', system: 'SYSTEM-TEXT', messages, maxOutputTokens: 100, jobId: 'job_1', key: `call-${calls++}`, ...change };
}

export function structuredOf(change: Partial<StructuredCall> = {}): StructuredCall {
  const schema = {
    type: 'object',
    properties: { title: { type: 'string' }, price: { type: ['number', 'null'] } },
    required: ['title', 'price'],
  };
  return { ...callOf(), name: 'answer', schema, ...change };
}
