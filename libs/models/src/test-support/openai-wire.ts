/** OpenAI and those like it, by the API reference: chat completions, their streams, embeddings, errors. */
import { type WireAnswer, type WireRequest, events, json } from './wire-server.js';

interface Completion {
  readonly finish?: string;
  readonly refusal?: string;
  /** null: the answer has none. */
  readonly usage?: readonly [input: number, output: number] | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export function completion(text: string, { finish = 'stop', refusal, usage = [11, 7], headers = {} }: Completion = {}): WireAnswer {
  return json(
    {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'sim',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: refusal === undefined ? text : null, refusal: refusal ?? null },
          finish_reason: finish,
        },
      ],
      ...(usage === null ? {} : { usage: usageOf(usage) }),
    },
    200,
    headers,
  );
}

const chunk = (delta: object, finish: string | null = null) => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
});

/** With `include_usage`: a last event without choices; then `[DONE]`. */
export function completionStream(texts: readonly string[], end: 'whole' | 'cut' | 'hang' | 'no-reason' = 'whole'): WireAnswer {
  const parts = [chunk({ role: 'assistant', content: '' }), ...texts.map((content) => chunk({ content }))];
  if (end === 'cut' || end === 'hang') return events(parts, end);
  if (end === 'no-reason') return events(parts);
  return events([...parts, chunk({}, 'stop'), { object: 'chat.completion.chunk', choices: [], usage: usageOf([11, 7]) }, '[DONE]']);
}

/** Vectors `[length, 1, 0]`, in reverse order. */
export function embeddings({ body }: WireRequest): WireAnswer {
  const data = (body['input'] as readonly string[]).map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 1, 0] }));
  return json({ object: 'list', data: data.toReversed(), usage: { prompt_tokens: 9, total_tokens: 9 } });
}

/** The body quotes the key, as some services do. */
export function openAiError(status: number, code: string | null = null, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  return json({ error: { message: 'Incorrect: sk-secret', type: 'some_error', param: null, code } }, status, headers);
}

function usageOf([input, output]: readonly [number, number]) {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
