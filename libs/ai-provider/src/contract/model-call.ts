import type { Readable } from 'node:stream';
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
  | 'translations'
  | 'image_edits'
  | 'image_variations'
  | 'messages'
  | 'count_tokens'
  | 'generate_content'
  | 'embed_content'
  | 'batch_embed_contents'
  | 'gemini_count_tokens'
  /** No caller asks for it: calls become it for Bedrock. */
  | 'converse'
  /** Not a model but a thing that a provider keeps: see {@link ModelCall.object}. */
  | 'stored_objects';

/** What a provider keeps for an account, by the collection it lies in. */
export type ObjectKind =
  | 'files'
  | 'batches'
  | 'responses'
  | 'anthropic_files'
  | 'message_batches'
  | 'gemini_files'
  | 'gemini_caches';

/** What is asked of a provider's own collections. */
export interface ObjectPath {
  readonly kind: ObjectKind;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /**
   * Behind the version of the API, with its query: `/files/file-abc/content`; of Gemini, which has two places, with the version
   * (`/upload/v1beta/files`). Holds no key, and no step upwards.
   */
  readonly path: string;
  /** Whether a success may tell all it has to tell in its headers. Default: no, it is a document. */
  readonly mayBeEmpty?: boolean | undefined;
}

/** A body that is passed on while it arrives. */
export interface Upload {
  /** Whether bytes have gone that nobody kept: the call cannot be made a second time. */
  readonly isSpent: boolean;
  /** Its length with the model called like this, bytes; `null` when only its end will tell. */
  lengthWith(model: string): number | null;
  /** Begins to pass it on, the model called like this. */
  open(model: string): Readable;
}

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
  /** In the place of `body`. Default: none. */
  readonly upload?: Upload | undefined;
  /** Only of `stored_objects`. */
  readonly object?: ObjectPath | undefined;
  /** Whether a success is passed on byte by byte, whatever it holds: sounds, files. Default: no. */
  readonly asBytes?: boolean | undefined;
}
