import { z } from 'zod';
import type { ChatPart, ChatRequest, Provider, ReportedUsage } from './provider.js';
import { ProviderFailure, failureOf } from './provider-failure.js';
import type { ProviderHttp } from './provider-http.js';
import { parseWire, readWire } from './wire-json.js';

/** Header of every request (Anthropic API reference, "Versions"). */
export const ANTHROPIC_VERSION = '2023-06-01';

const Usage = z.object({ input_tokens: z.int().min(0), output_tokens: z.int().min(0) });

/** Answer of `POST /messages` (Anthropic API reference, "Create a Message"); other kinds of content are left out. */
const Message = z.object({
  content: z.array(z.object({ type: z.string(), text: z.string().optional(), input: z.unknown().optional() })),
  stop_reason: z.string().nullable(),
  usage: Usage.optional(),
});

/** The events of a stream that say something ("Streaming messages"). */
const StreamEvent = z.object({
  type: z.string(),
  message: z.object({ usage: z.object({ input_tokens: z.int().min(0) }) }).optional(),
  delta: z.object({ type: z.string().optional(), text: z.string().optional(), stop_reason: z.string().nullish() }).optional(),
  usage: z.object({ output_tokens: z.int().min(0) }).optional(),
  error: z.object({ type: z.string() }).optional(),
});

const OVERLOADED_STATUS = 529;

/** Anthropic Messages. It has no embeddings. */
export function createAnthropic(http: ProviderHttp): Provider {
  return {
    async chat(request, signal) {
      const { json, pauseMs } = await http.post('/messages', bodyOf(request), signal);
      const { content, stop_reason: reason, usage } = readWire(Message, json);
      const reported = usage === undefined ? null : { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens };
      return { text: textOf(content), finish: finishOf(reason), usage: reported, ...(pauseMs === undefined ? {} : { pauseMs }) };
    },
    async *stream(request, signal) {
      const { events, pauseMs } = await http.postForEvents('/messages', { ...bodyOf(request), stream: true }, signal);
      yield* partsOf(events, pauseMs);
    },
  };
}

async function* partsOf(events: AsyncIterable<string>, pauseMs: number | undefined): AsyncGenerator<ChatPart> {
  let reason: string | null | undefined;
  let inputTokens: number | undefined;
  let usage: ReportedUsage | null = null;
  for await (const text of events) {
    const event = readWire(StreamEvent, parseWire(text));
    if (event.error !== undefined) throw failureOf(event.error.type === 'rate_limit_error' ? 429 : OVERLOADED_STATUS, undefined);
    if (event.type === 'message_stop') break;
    inputTokens = event.message?.usage.input_tokens ?? inputTokens;
    reason = event.delta?.stop_reason ?? reason;
    if (event.usage !== undefined && inputTokens !== undefined) usage = { inputTokens, outputTokens: event.usage.output_tokens };
    if (event.type === 'content_block_delta' && event.delta?.text) yield { type: 'text', text: event.delta.text };
  }
  if (reason === undefined || reason === null) throw new ProviderFailure('broken-answer');
  yield { type: 'end', finish: finishOf(reason), usage, ...(pauseMs === undefined ? {} : { pauseMs }) };
}

function bodyOf({ model, system, messages, maxOutputTokens, shape }: ChatRequest): Record<string, unknown> {
  return {
    model,
    max_tokens: maxOutputTokens,
    system,
    messages: messages.map(({ role, text }) => ({ role, content: text })),
    ...formatOf(shape),
  };
}

/** The tool is a form to fill in: nothing ever runs it. */
function formatOf(shape: ChatRequest['shape']): Record<string, unknown> {
  if (shape?.mode === 'schema') return { output_config: { format: { type: 'json_schema', schema: shape.schema } } };
  if (shape?.mode !== 'tool') return {};
  const { name, schema } = shape;
  return {
    tools: [{ name, description: 'Takes the answer.', input_schema: schema }],
    tool_choice: { type: 'tool', name, disable_parallel_tool_use: true },
  };
}

function textOf(content: z.infer<typeof Message>['content']): string {
  const form = content.find(({ type }) => type === 'tool_use');
  if (form !== undefined) return JSON.stringify(form.input ?? null);
  return content.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
}

function finishOf(reason: string | null): 'stop' | 'length' | 'refused' {
  if (reason === 'refusal') return 'refused';
  return reason === 'max_tokens' || reason === 'model_context_window_exceeded' ? 'length' : 'stop';
}
