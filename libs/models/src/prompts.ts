import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ModelMessage } from '@gleaner/domain';
import { cleanPageText } from './page-text.js';

export const PROMPTS = ['extract-fields', 'propose-selectors', 'answer-json', 'repair-json'] as const;
export type PromptName = (typeof PROMPTS)[number];

/** Text of a page, or anything else that a stranger wrote. */
export interface PromptData {
  /** One word of ours, such as `page`. */
  readonly label: string;
  readonly text: string;
}

export interface PromptValues {
  /** Replaces `{{name}}`. Of the operator or the caller, never of a page. */
  readonly values: Readonly<Record<string, string>>;
  readonly data?: readonly PromptData[];
}

export interface RenderedPrompt {
  readonly system: string;
  readonly messages: readonly ModelMessage[];
}

export interface PromptRenderer {
  render(name: PromptName, values: PromptValues): RenderedPrompt;
}

interface Prompt {
  readonly system: string;
  readonly user: string;
}

const FOLDER = new URL('../prompts/', import.meta.url);

/**
 * Reads the prompts of this package; throws when one is missing. `boundary` makes a text that nobody can guess: 128 random bits.
 */
export function createPrompts(boundary: () => string = () => randomBytes(16).toString('hex')): PromptRenderer {
  const prompts = new Map(PROMPTS.map((name) => [name, sectionsOf(readFileSync(new URL(`${name}.md`, FOLDER), 'utf8'))]));
  return {
    render(name, { values, data = [] }) {
      const { system, user } = prompts.get(name) ?? { system: '', user: '' };
      const mark = unusedBoundary(boundary, data);
      const fill = (text: string): string => filled(name, text, { ...values, boundary: mark });
      const messages = data.map((part) => ({ role: 'user', text: delimited(part, mark) }) as const);
      return { system: fill(system), messages: user === '' ? messages : [{ role: 'user', text: fill(user) }, ...messages] };
    },
  };
}

/** `# System` and `# User`; the headings are no part of what is sent. */
function sectionsOf(text: string): Prompt {
  const section = (title: string): string =>
    new RegExp(`^# ${title}\\n([\\s\\S]*?)(?=^# |$(?![\\s\\S]))`, 'm').exec(text)?.[1]?.trim() ?? '';
  return { system: section('System'), user: section('User') };
}

/** One pass: a value that looks like `{{name}}` stays as it is. */
function filled(prompt: PromptName, text: string, values: Readonly<Record<string, string>>): string {
  return text
    .replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the prompt ${prompt} needs a value for ${name}`);
      return value;
    })
    .trim();
}

function delimited({ label, text }: PromptData, boundary: string): string {
  return `BEGIN ${boundary} ${label}\n${cleanPageText(text)}\nEND ${boundary} ${label}`;
}

function unusedBoundary(boundary: () => string, data: readonly PromptData[]): string {
  for (let attempt = 0; attempt < 3; attempt++) {
    const mark = boundary();
    if (!data.some(({ text }) => cleanPageText(text).includes(mark))) return mark;
  }
  throw new Error('the data contains every boundary');
}
