import type { TokenUsage } from '#kernel';
import type { CallTokens, TokenPrice } from '../ask.js';

/**
 * What a call is expected to cost, by list price.
 *
 * @param costFactor what the account pays relative to it, >= 0
 * @returns whole nano US dollars
 */
export function expectedCost(tokens: CallTokens, price: TokenPrice, costFactor: number): number {
  const { inputTokens, outputTokens } = tokens;
  return Math.ceil(costFactor * (inputTokens * price.inputNanoUsd + outputTokens * price.outputNanoUsd));
}

/** What a call has cost: prompt tokens from the provider's cache at their own price. As {@link expectedCost} else. */
export function realCost(
  used: CallTokens,
  told: TokenUsage | null,
  price: TokenPrice,
  costFactor: number,
): number {
  const cached = Math.min(told?.cachedInput ?? 0, used.inputTokens);
  const discount = costFactor * cached * (price.inputNanoUsd - price.cachedInputNanoUsd);
  return Math.max(0, expectedCost(used, price, costFactor) - Math.floor(discount));
}
