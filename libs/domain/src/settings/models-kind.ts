import type { ModelRole, TextRole } from '../models.js';
import type { Parsed, Setting } from './kinds.js';

export const MODEL_PROVIDERS = ['gemini', 'openai', 'anthropic', 'groq', 'nvidia', 'ollama'] as const;
export type ModelProvider = (typeof MODEL_PROVIDERS)[number];

/** How a model is made to answer JSON, best first: by schema, as any JSON, as arguments of a tool, by words alone. */
export const STRUCTURED_MODES = ['schema', 'tool', 'json', 'none'] as const;
export type StructuredMode = (typeof STRUCTURED_MODES)[number];

export interface ModelRef {
  readonly provider: ModelProvider;
  readonly model: string;
  /** Absent: what the table of capabilities says. */
  readonly mode?: StructuredMode;
}

/** Role → models in their order. A role that is absent has the defaults; an empty list turns it off. */
export type ModelRoutes = { readonly [R in ModelRole]?: readonly ModelRef[] };

const TEXT_ROLES: readonly TextRole[] = ['extract', 'learn', 'answer'];
const MAX_MODELS = 8;
const REFERENCE = /^([a-z]+):([\w./:@+-]{1,128})(?:\|([a-z]+))?$/;

class Problem extends Error {}

/**
 * `ROLE=PROVIDER:MODEL,PROVIDER:MODEL;ROLE=…`: the first model that can answers. `*` stands for all text roles that are not named;
 * `ROLE=none` turns one off; `PROVIDER:MODEL|schema` (or `|tool`, `|json`, `|none`) says how a model that is not in the table answers JSON.
 */
export function modelRoutes(options: { readonly description: string; readonly example: string }): Setting<ModelRoutes | undefined> {
  const parse = (value: string): Parsed<ModelRoutes | undefined> => {
    try {
      return { ok: true, value: routesOf(value) };
    } catch (error) {
      if (error instanceof Problem) return { ok: false, problem: error.message };
      throw error;
    }
  };
  return { type: 'ROLE=PROVIDER:MODEL,…;…', default: undefined, ...options, parse };
}

function routesOf(value: string): ModelRoutes {
  const routes: { [R in ModelRole]?: readonly ModelRef[] } = {};
  let others: readonly ModelRef[] | undefined;
  for (const part of value.split(';').map((text) => text.trim())) {
    if (part === '') continue;
    const [role, list] = splitOnce(part);
    const models = modelsOf(list, role);
    if (role === '*') others = models;
    else if (role === 'embed') routes.embed = onlyOne(models);
    else if (isTextRole(role)) routes[role] = models;
    else throw new Problem(`has the role "${role}", which is not one of *, ${TEXT_ROLES.join(', ')}, embed`);
  }
  if (others !== undefined) for (const role of TEXT_ROLES) routes[role] ??= others;
  return routes;
}

function splitOnce(part: string): readonly [string, string] {
  const at = part.indexOf('=');
  if (at < 0) throw new Problem(`has "${part}" where ROLE=PROVIDER:MODEL is expected`);
  return [part.slice(0, at).trim(), part.slice(at + 1)];
}

function modelsOf(list: string, role: string): readonly ModelRef[] {
  if (list.trim() === 'none') return [];
  const models = list.split(',').map((text) => reference(text.trim()));
  if (models.length > MAX_MODELS) throw new Problem(`has more than ${MAX_MODELS} models for ${role}`);
  return models;
}

function reference(text: string): ModelRef {
  const [, provider, model, mode] = REFERENCE.exec(text) ?? [];
  if (provider === undefined || model === undefined) throw new Problem(`has "${text}", which is not PROVIDER:MODEL`);
  const known = MODEL_PROVIDERS.find((name) => name === provider);
  if (known === undefined) throw new Problem(`has the provider "${provider}", which is not one of ${MODEL_PROVIDERS.join(', ')}`);
  if (mode === undefined) return { provider: known, model };
  const knownMode = STRUCTURED_MODES.find((name) => name === mode);
  if (knownMode === undefined)
    throw new Problem(`has "|${mode}", which is not one of ${STRUCTURED_MODES.map((name) => `|${name}`).join(', ')}`);
  return { provider: known, model, mode: knownMode };
}

function onlyOne(models: readonly ModelRef[]): readonly ModelRef[] {
  if (models.length > 1) throw new Problem('has more than one model for embed: vectors of two models do not compare');
  return models;
}

function isTextRole(role: string): role is TextRole {
  return (TEXT_ROLES as readonly string[]).includes(role);
}
