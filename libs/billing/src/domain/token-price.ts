import type { TokenPrice } from '#kernel';
import { findPrice } from './rate.js';

/** Callers choose model names: more of them than this are not remembered. */
const mostNames = 4_096;
const tokensPerPrice = 1e6;
const known = new Map<string, TokenPrice | null>();

/**
 * What a token of a model costs by list price. Costs one map look-up once a model is known.
 *
 * @param provider the provider's name
 * @param upstreamModel the model as the provider names it, with or without a snapshot suffix
 * @returns `null` when the model has no price
 */
export function priceOf(provider: string, upstreamModel: string): TokenPrice | null {
  const name = `${provider}/${upstreamModel}`;
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const found = readPrice(provider, upstreamModel);
  if (known.size >= mostNames) known.clear();
  known.set(name, found);
  return found;
}

function readPrice(provider: string, upstreamModel: string): TokenPrice | null {
  const price = findPrice(provider, upstreamModel);
  return (
    price && {
      inputNanoUsd: Number(price.input) / tokensPerPrice,
      cachedInputNanoUsd: Number(price.cachedInput) / tokensPerPrice,
      outputNanoUsd: Number(price.output) / tokensPerPrice,
    }
  );
}
