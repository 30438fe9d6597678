import type { Fault } from './fault.js';
import type { LimitsSpec } from './limits.js';

/** How errors and limit headers look. `compatible` speaks OpenAI and answers 402 when the credit is spent. */
export type DialectName = 'openai' | 'groq' | 'mistral' | 'compatible' | 'anthropic' | 'gemini' | 'bedrock';

/** Time before the first byte. */
export type Latency =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly ms: number }
  /** `sigma` is the standard deviation of the logarithm; 0.5 is a usual provider. */
  | { readonly kind: 'log_normal'; readonly medianMs: number; readonly sigma: number };

/** What is generated when the request does not limit it. */
export interface OutputSpec {
  /** Tokens of an answer; one chunk of a stream carries one. 1..100,000, default 10. A request overrides it by the header `x-sim-chunks` and caps it by its own `max_tokens`. */
  readonly tokens?: number;
  /** Pace of a stream; default as fast as the socket takes it. */
  readonly tokensPerSecond?: number;
}

/** Prompt caching, per key or, where several keys share one, per organisation. */
export interface PromptCacheSpec {
  /** Shorter prompts are never cached; default 1,024. */
  readonly minTokens?: number;
  /** Hits are counted in steps of this many tokens; default 128. */
  readonly stepTokens?: number;
  /** How long a prefix stays warm after its last use; default 300,000. */
  readonly ttlMs?: number;
}

/** USD for a million tokens; default 1 input, 0.5 cached input, 4 output. */
export interface PriceSpec {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/** Limits and credit which several keys share. */
export interface OrganisationSpec {
  readonly limits?: LimitsSpec;
  /** Prepaid credit; absent means without end. */
  readonly creditUsd?: number;
}

/** One key a provider accepts. */
export interface KeySpec {
  /** The text clients send. */
  readonly key: string;
  /** Requests must be signed with it, where the dialect knows signatures (`bedrock`: Signature Version 4); the key is then its id. */
  readonly secret?: string;
  /** Organisation whose limits and credit this key shares; one not listed under `organisations` has no limits of its own. */
  readonly organisation?: string;
  /** Limits of this key alone, besides those of its organisation. */
  readonly limits?: LimitsSpec;
  /** Prepaid credit of this key alone; absent means without end. */
  readonly creditUsd?: number;
  /** Models this key may use; default all of the provider. */
  readonly models?: readonly string[];
  /** Refused until this many milliseconds after the scenario was loaded; default 0. */
  readonly activeFromMs?: number;
  /** Refused from this many milliseconds after the scenario was loaded; default never. */
  readonly revokedFromMs?: number;
}

/** One fake provider, served under `/<its name>/`. */
export interface ProviderSpec {
  /** Default by name: `openai`, `groq`, `mistral`, `anthropic`, `bedrock`, `google` and `gemini` as themselves, all others `compatible`. */
  readonly dialect?: DialectName;
  /** Models it knows; absent means that any name is served. */
  readonly models?: readonly string[];
  readonly latency?: Latency;
  readonly output?: OutputSpec;
  readonly promptCache?: PromptCacheSpec;
  readonly priceUsdPerMillion?: PriceSpec;
  readonly organisations?: Readonly<Record<string, OrganisationSpec>>;
  /** A bare text is a key without limits. */
  readonly keys: readonly (string | KeySpec)[];
}

/** All the simulator needs to know. `latency`, `output` and `promptCache` hold for providers that do not set their own. */
export interface Scenario {
  /** Makes probabilities and latencies repeatable; default 1. */
  readonly seed?: number;
  /**
   * Of answers and requests. `counted`, the default: each is new. `from_request`: the same request gets the same, whatever
   * its model and `stream_options` are, so that two ways to the simulator can be compared byte for byte.
   */
  readonly ids?: 'counted' | 'from_request';
  readonly latency?: Latency;
  readonly output?: OutputSpec;
  readonly promptCache?: PromptCacheSpec;
  /** Calls kept in the report; 0..100,000, default 1,000. */
  readonly recentCalls?: number;
  readonly providers: Readonly<Record<string, ProviderSpec>>;
  readonly faults?: readonly Fault[];
}
