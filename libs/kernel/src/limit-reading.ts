/** What a limit counts: requests, all tokens, prompt tokens, generated tokens. */
export type LimitedUnit = 'requests' | 'tokens' | 'input_tokens' | 'output_tokens';

/** What one answer of a provider said about one of its limits. */
export interface LimitReading {
  readonly unit: LimitedUnit;
  /** The span the limit is counted over, where the provider says or is known to mean it. */
  readonly window: 'second' | 'minute' | 'hour' | 'day' | 'month' | null;
  /** Units allowed in the window; `null` when the answer does not say. */
  readonly limit: number | null;
  /** Units left when the answer was written; `null` when the answer does not say. */
  readonly remaining: number | null;
  /** When the window is whole again, ms since the epoch; `null` when the answer does not say. */
  readonly resetAtMs: number | null;
}
