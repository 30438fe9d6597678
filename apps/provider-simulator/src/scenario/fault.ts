/** Which calls a fault may strike; an absent field matches all. */
export interface FaultTarget {
  /** Provider name as in the scenario. */
  readonly provider?: string;
  /** Key text as in the scenario. */
  readonly key?: string;
  readonly model?: string;
  /** `chat`, `messages`, `generateContent`, `embeddings`, ... */
  readonly operation?: string;
}

/** When a fault strikes. Instants are milliseconds since the scenario was loaded or reset. */
export interface FaultTiming {
  /** Default 0. */
  readonly fromMs?: number;
  /** Exclusive; default never ends. */
  readonly untilMs?: number;
  /** Strikes at most this often; default without end. */
  readonly count?: number;
  /** Chance that a matching call is struck, 0..1; default 1. */
  readonly probability?: number;
}

/** What goes wrong. Kinds about streams strike streamed calls only, kinds about bodies strike plain ones only. */
export type FaultEffect =
  /** The provider's own error body for this status: 500, 503, 529, 401, 403, ... */
  | { readonly kind: 'status'; readonly status: number }
  /** The page of a proxy in front of the provider. */
  | { readonly kind: 'html_502' }
  /** 429 with no limit header, no Retry-After and no time in its text. */
  | { readonly kind: 'rate_limited_no_hint' }
  /** 429 with a Retry-After nobody should believe; default one year in seconds. */
  | { readonly kind: 'absurd_retry_after'; readonly retryAfter?: string }
  | { readonly kind: 'slow_first_byte'; readonly delayMs: number }
  /** This pause before each chunk. */
  | { readonly kind: 'slow_stream'; readonly delayMs: number }
  /** Never answers; the connection stays open until the client gives up. */
  | { readonly kind: 'hang' }
  /** Stops in the middle of a stream without ending it. */
  | { readonly kind: 'hang_mid_stream' }
  | { readonly kind: 'reset_before_headers' }
  /** Half of the announced body, then the connection closes. */
  | { readonly kind: 'reset_mid_body' }
  /** Half of the chunks, then the connection closes. */
  | { readonly kind: 'reset_mid_stream' }
  /** A complete HTTP answer around half a JSON document. */
  | { readonly kind: 'truncated_json' }
  /** Status 200, then the provider's error event after this many chunks; default half of them. */
  | { readonly kind: 'error_in_stream'; readonly afterChunks?: number }
  /** The right body, announced as `text/html`. */
  | { readonly kind: 'wrong_content_type' }
  /** The provider as a whole is ill: a share of calls (default 0.5) gets its overload error, the rest is late by `delayMs` (default 2,000). */
  | { readonly kind: 'brown_out'; readonly errorShare?: number; readonly delayMs?: number };

/** One thing that goes wrong, for whom and when. The first fault that matches a call strikes it. */
export type Fault = FaultTarget & FaultTiming & FaultEffect;
