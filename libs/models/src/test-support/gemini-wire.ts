/** Gemini by the API reference: generateContent, streamGenerateContent?alt=sse, batchEmbedContents, google.rpc errors. */
import { type WireAnswer, type WireRequest, events, json } from './wire-server.js';

const USAGE = { promptTokenCount: 13, candidatesTokenCount: 5, thoughtsTokenCount: 2, totalTokenCount: 20 };

const candidate = (text: string, finishReason?: string) => ({
  index: 0,
  content: { role: 'model', parts: [{ text: 'thinking', thought: true }, { text }] },
  ...(finishReason === undefined ? {} : { finishReason }),
});

export function content(text: string, finishReason = 'STOP'): WireAnswer {
  return json({ candidates: [candidate(text, finishReason)], usageMetadata: USAGE });
}

export function blockedPrompt(): WireAnswer {
  return json({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 13, totalTokenCount: 13 } });
}

export function contentStream(texts: readonly string[], end: 'whole' | 'cut' | 'hang' = 'whole'): WireAnswer {
  const last = texts.length - 1;
  const parts = texts.map((text, index) => ({
    candidates: [candidate(text, end === 'whole' && index === last ? 'STOP' : undefined)],
    usageMetadata: USAGE,
  }));
  return events(parts, end === 'whole' ? 'close' : end);
}

export function batchEmbeddings({ body }: WireRequest): WireAnswer {
  const requests = body['requests'] as readonly { readonly content: { readonly parts: readonly { readonly text: string }[] } }[];
  return json({ embeddings: requests.map((request) => ({ values: [request.content.parts[0]?.text.length ?? 0, 1] })) });
}

/** Quotes the key and the prompt, to see that neither gets on. */
export function geminiError(status: number, details: readonly object[] = []): WireAnswer {
  return json({ error: { code: status, message: 'Refused: gm-secret, PROMPT-TEXT', status: 'SOME_STATUS', details } }, status);
}

export const RETRY_IN_17_SECONDS = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '17s' };
export const BAD_KEY = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' };
