/** Anthropic Messages by the API reference: messages, their streams, errors. */
import { type WireAnswer, events, json } from './wire-server.js';

const USAGE = { input_tokens: 17, output_tokens: 3 };

export function message(text: string, stopReason = 'end_turn'): WireAnswer {
  return json({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text }],
    stop_reason: stopReason,
    usage: USAGE,
  });
}

export function toolUse(input: unknown): WireAnswer {
  return json({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [
      { type: 'text', text: 'Here it is.' },
      { type: 'tool_use', id: 'toolu_1', name: 'answer', input },
    ],
    stop_reason: 'tool_use',
    usage: USAGE,
  });
}

export function messageStream(texts: readonly string[], end: 'whole' | 'overloaded' = 'whole'): WireAnswer {
  const deltas = texts.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }));
  const start = [
    { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 17, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...deltas,
  ];
  if (end === 'overloaded') return events([...start, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }]);
  return events([
    ...start,
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  ]);
}

export function anthropicError(status: number, type: string, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  return json({ type: 'error', error: { type, message: 'Refused: ant-secret' } }, status, headers);
}
