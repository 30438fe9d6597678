/** Tokens of one call as the provider counted them. */
export interface TokenUsage {
  /** All prompt tokens, cached ones included. */
  readonly input: number;
  /** Prompt tokens that were read from the provider's prompt cache; part of `input`. */
  readonly cachedInput: number;
  /** All generated tokens, reasoning included. */
  readonly output: number;
  /** Generated tokens the caller does not see; part of `output`. */
  readonly reasoning: number;
}

/** Nothing used. */
export const noTokens: TokenUsage = Object.freeze({ input: 0, cachedInput: 0, output: 0, reasoning: 0 });
