import type { EmbeddingPurpose, ModelMessage, StructuredMode } from '@gleaner/domain';

/** How an answer is to be made JSON: by the mode that the model has. */
export interface Shape {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly mode: StructuredMode;
}

export interface ChatRequest {
  readonly model: string;
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly maxOutputTokens: number;
  readonly shape?: Shape;
}

export interface ReportedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface ChatEnd {
  readonly finish: 'stop' | 'length' | 'refused';
  /** null: the provider said nothing. */
  readonly usage: ReportedUsage | null;
  /** The provider says that nothing is left of its limit for this long. */
  readonly pauseMs?: number;
}

export interface ChatAnswer extends ChatEnd {
  readonly text: string;
}

export type ChatPart = { readonly type: 'text'; readonly text: string } | ({ readonly type: 'end' } & ChatEnd);

export interface Vectors {
  readonly vectors: readonly (readonly number[])[];
  /** null: the provider said nothing. */
  readonly tokens: number | null;
}

/**
 * One service as it is on the wire. A call is made once: retries are Temporal's. All methods throw ProviderFailure, and the
 * signal's reason when it is aborted.
 */
export interface Provider {
  chat(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer>;
  /** Texts, then exactly one end. */
  stream(request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatPart>;
  /** Absent: the service has no embeddings. In the order of the texts. */
  embed?(request: EmbedRequest, signal: AbortSignal): Promise<Vectors>;
}

export interface EmbedRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly purpose: EmbeddingPurpose;
}
