import type { TokenPrice } from '#kernel';
import { findPrice } from './rate.js';

/** Callers choose model names: more of them than this are not remembered. */
const mostNames = 4_096;
const tokensPerPrice = 1e6;
/** By provider, then by model: a name put together would have to be put together for every call. */
const known = new Map<string, Map<string, TokenPrice | null>>();
let names = 0;

/**
 * What a token of a model costs by list price. Costs one map look-up once a model is known.
 *
 * @param provider the provider's name
 * @param upstreamModel the model as the provider names it, with or without a snapshot suffix
 * @returns `null` when the model has no price
 */
export function priceOf(provider: string, upstreamModel: string): TokenPrice | null {
  const remembered = known.get(provider)?.get(upstreamModel);
  if (remembered !== undefined) return remembered;
  const found = readPrice(provider, upstreamModel);
  remember(provider, upstreamModel, found);
  return found;
}

function remember(provider: string, model: string, price: TokenPrice | null): void {
  if (names >= mostNames) {
    known.clear();
    names = 0;
  }
  const ofProvider = known.get(provider) ?? new Map<string, TokenPrice | null>();
  known.set(provider, ofProvider.set(model, price));
  names += 1;
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
