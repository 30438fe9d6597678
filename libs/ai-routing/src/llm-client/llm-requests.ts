/** A chat as OpenAI's API takes it; fields that are not named here are passed on. */
export interface ChatRequest {
  /** A route's name, `provider/model`, or a model of the client's provider. */
  readonly model: string;
  readonly messages: readonly object[];
  readonly [field: string]: unknown;
}

/** Texts to embed, as OpenAI's API takes them. */
export interface EmbeddingRequest {
  /** A route's name, `provider/model`, or a model of the client's provider. */
  readonly model: string;
  readonly input: string | readonly string[];
  readonly [field: string]: unknown;
}

/** What can be asked beside the call itself. */
export interface LlmCallOptions {
  /** Ends the call, and the upstream call with it. */
  readonly signal?: AbortSignal;
  /** Cost attribution. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Equal, short text for calls whose prompts begin alike, so that one account serves them. Default: none. */
  readonly affinity?: string;
}

/** A chat's answer as OpenAI's API gives it. */
export interface ChatAnswer {
  readonly choices: readonly {
    readonly message: { readonly role: string; readonly content: string | null };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: object;
  readonly [field: string]: unknown;
}

/** One event of a streamed chat as OpenAI's API gives it. */
export interface ChatChunk {
  readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
  readonly [field: string]: unknown;
}

/** Embeddings as OpenAI's API gives them. */
export interface EmbeddingAnswer {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] }[];
  readonly [field: string]: unknown;
}
