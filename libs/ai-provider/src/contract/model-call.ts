import type { CallId } from '#kernel';

/** The language a caller speaks, and in which it gets its answer and its errors. */
export type WireFormat = 'openai' | 'anthropic' | 'gemini';

/** What a caller wants done; each belongs to one {@link WireFormat}. */
export type Operation =
  | 'chat_completions'
  | 'completions'
  | 'responses'
  | 'embeddings'
  | 'moderations'
  | 'image_generations'
  | 'speech'
  | 'transcriptions'
  | 'messages'
  | 'count_tokens'
  | 'generate_content'
  | 'embed_content'
  | 'gemini_count_tokens';

/** One call of a client, read once from the wire. The body is kept as it came. */
export interface ModelCall {
  readonly id: CallId;
  readonly wireFormat: WireFormat;
  readonly operation: Operation;
  /** The model as the caller named it: a route's name or `provider/model`. */
  readonly model: string;
  /** Whether the caller asked for a stream of events. */
  readonly stream: boolean;
  /** The caller's bytes. Forwarded untouched unless a field must change. */
  readonly body: Buffer;
  readonly contentType: string;
  /** The body as parsed once; `null` when it is not JSON (multipart). */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** Estimate of the prompt's tokens, for reserving; at least 1. */
  readonly inputTokensEstimate: number;
  /** The caller's own bound on generated tokens; `null` when it set none. */
  readonly maxOutputTokens: number | null;
  /** Request headers a provider may need (`anthropic-version`, `anthropic-beta`, `openai-beta`, ...), lower-case. */
  readonly forwardHeaders: Readonly<Record<string, string>>;
}
