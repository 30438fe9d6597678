/** One call of a caller, with everything chance decides about it, so that each policy meets the very same calls. */
export interface SimCall {
  readonly id: number;
  /** Rank among the callers: 0 calls most. */
  readonly caller: number;
  /** When the caller sent it first, ms since the epoch. */
  readonly arriveMs: number;
  readonly inputTokens: number;
  /** What the gateway takes the prompt for. */
  readonly estimatedInputTokens: number;
  readonly outputTokens: number;
  /** The caller's own bound; `null` when it sets none. */
  readonly maxOutputTokens: number | null;
  /** What it shares the beginning of its prompt with. */
  readonly conversation: number | null;
  /** Prompt tokens that the turn before had already. */
  readonly prefixTokens: number;
  /** Time on the wire there and back, ms. */
  readonly wireMs: number;
  /** Factor on the provider's time to first byte. */
  readonly slowness: number;
  /** Whether its answer comes as it is made: the head of it, with what it says of limits, long before the end. */
  readonly streams: boolean;
  /** Times its caller has come back with it after a refusal. */
  readonly returns: number;
}

/** Tokens a call uses in the end. */
export const tokensOf = (call: SimCall): number => call.inputTokens + call.outputTokens;
