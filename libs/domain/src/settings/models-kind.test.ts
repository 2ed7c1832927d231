import { describe, expect, it } from 'vitest';
import { describeModels, planModels } from '../model-plan.js';
import { readSettings } from './read.js';
import type { Settings } from './table.js';

function settings(environment: Record<string, string>): Settings {
  const read = readSettings(environment);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.settings;
}

const problemOf = (value: string): string => {
  const read = readSettings({ GLEANER_MODELS: value });
  return read.ok ? '' : (read.problems[0]?.problem ?? '');
};

const names = (environment: Record<string, string>, role: 'extract' | 'learn' | 'answer' | 'embed'): string[] =>
  planModels(settings(environment))[role].map(({ provider, model, configured }) => `${provider}:${model}${configured ? '' : '?'}`);

describe('GLEANER_MODELS', () => {
  const environment = {
    GLEANER_MODELS: ' extract = gemini:g-1 , ollama:qwen3:8b|json ; *=groq:openai/gpt-oss-120b;answer=none; embed=ollama:nomic-embed-text',
    GEMINI_API_KEY: 'k',
    OLLAMA_HOST: 'http://127.0.0.1:11434',
  };

  it('orders models by role, with colons and slashes in their names', () => {
    expect(names(environment, 'extract')).toEqual(['gemini:g-1', 'ollama:qwen3:8b']);
    expect(planModels(settings(environment)).extract[1]).toMatchObject({ mode: 'json' });
    expect(names(environment, 'learn')).toEqual(['groq:openai/gpt-oss-120b?']);
    expect(names(environment, 'answer')).toEqual([]);
    expect(names(environment, 'embed')).toEqual(['ollama:nomic-embed-text']);
  });

  it.each([
    ['extract', 'where ROLE=PROVIDER:MODEL is expected'],
    ['cook=gemini:x', 'the role "cook"'],
    ['extract=gemini', 'is not PROVIDER:MODEL'],
    ['extract=gemini:', 'is not PROVIDER:MODEL'],
    ['extract=', 'is not PROVIDER:MODEL'],
    ['extract=hal:9000', 'the provider "hal"'],
    ['extract=gemini:x|xml', '"|xml"'],
    ['embed=gemini:a,openai:b', 'more than one model for embed'],
    [`extract=${Array.from({ length: 9 }, () => 'gemini:x').join(',')}`, 'more than 8 models'],
  ])('refuses %s', (value, problem) => {
    expect(problemOf(value)).toContain(problem);
  });
});

describe('planModels', () => {
  it('has no model without a key', () => {
    expect(describeModels(settings({}))).toEqual([]);
  });

  it('asks the providers that have a key, in their order', () => {
    const environment = { GROQ_API_KEY: 'k', GEMINI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' };
    expect(names(environment, 'extract')).toEqual(['gemini:gemini-3.8-flash', 'anthropic:claude-haiku-4-5', 'groq:openai/gpt-oss-120b']);
    expect(names(environment, 'embed')).toEqual(['gemini:gemini-embedding-001']);
  });

  it('embeds with a service of one’s own, and asks it for no text it was not named for', () => {
    const environment = { OPENAI_BASE_URL: 'http://localhost:8000/v1', GLEANER_EMBEDDING_MODEL: 'bge', GEMINI_API_KEY: 'k' };
    expect(names(environment, 'embed')).toEqual(['openai:bge']);
    expect(names(environment, 'learn')).toEqual(['gemini:gemini-3.8-flash']);
  });

  it('tells names and never keys', () => {
    const described = JSON.stringify(describeModels(settings({ OPENAI_API_KEY: 'sk-secret', NVIDIA_API_KEY: 'nvapi-secret' })));
    expect(described).toContain('gpt-4.1-mini');
    expect(described).not.toContain('secret');
  });
});

describe('OLLAMA_HOST', () => {
  it.each([
    ['http://gpu.local:8080/', 'http://gpu.local:8080'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['127.0.0.1:11434', 'http://127.0.0.1:11434'],
    ['[::]:80', 'http://[::1]'],
    ['https://ollama.com', 'https://ollama.com'],
  ])('reads %s', (given, url) => {
    expect(settings({ OLLAMA_HOST: given }).OLLAMA_HOST).toBe(url);
  });

  it.each(['ftp://x', 'a b', 'http://'])('refuses %s', (given) => {
    expect(readSettings({ OLLAMA_HOST: given }).ok).toBe(false);
  });
});
