import { parseUsd, type NanoUsd, type TokenUsage } from '#kernel';
import type { UsageRecord } from '../usage-record.js';
import { priceTable, type ModelPrice } from './price-table.js';

/** Billionths of a dollar per million tokens: whole numbers, so that rating is exact up to its one rounding. */
interface Price {
  readonly input: NanoUsd;
  readonly cachedInput: NanoUsd;
  readonly output: NanoUsd;
}

const perMillion = 1_000_000n;
/** A dated or numbered snapshot of a model costs what the model costs: `-2024-07-18`, `-20250929`, `-002`, `-latest`. */
const snapshot = /[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3,4}|latest)$/;
/** Bounds what the counts of a provider may claim, so that a cost always fits a 64-bit column. */
const mostTokens = 1_000_000_000_000;

const prices = indexPrices();

/**
 * What tokens of a model cost. Pure.
 *
 * @param provider the provider's name; decides only for open models that each host prices by itself
 * @param upstreamModel the model as the provider names it, with or without a snapshot suffix
 * @returns rounded half up to a billionth of a dollar, never negative; `null` when the model has no price
 */
export function rate(provider: string, upstreamModel: string, tokens: TokenUsage): NanoUsd | null {
  const price = findPrice(provider, upstreamModel);
  if (price === null) return null;
  const input = count(tokens.input);
  const cached = count(tokens.cachedInput);
  const fresh = input > cached ? input - cached : 0n;
  const exact = fresh * price.input + cached * price.cachedInput + count(tokens.output) * price.output;
  return (exact + perMillion / 2n) / perMillion;
}

/** The price of a model, or of the model that this is a snapshot of; `null` when it has none. */
export const findPrice = (provider: string, upstreamModel: string): Price | null =>
  priceIn(provider, upstreamModel) ?? priceIn(provider, upstreamModel.replace(snapshot, ''));

/**
 * What a call cost on its account. A call that never reached a provider, or was refused by it, cost nothing; one that was answered
 * without any count of tokens has an unknown cost.
 *
 * @returns `null` when unknown
 */
export function costOf(usage: UsageRecord): NanoUsd | null {
  const { provider, upstreamModel, tokens, status, costFactor = 1 } = usage;
  if (provider === null || upstreamModel === null) return 0n;
  const counted = tokens.input > 0 || tokens.output > 0;
  if (counted) return times(rate(provider, upstreamModel, tokens), costFactor);
  return status >= 400 && status !== clientGone ? 0n : null;
}

const clientGone = 499;

function times(listed: NanoUsd | null, factor: number): NanoUsd | null {
  return listed === null || factor === 1 ? listed : BigInt(Math.round(Number(listed) * factor));
}

const count = (tokens: number): bigint =>
  tokens > 0 ? BigInt(Math.min(Math.trunc(tokens), mostTokens)) : 0n;

const priceIn = (provider: string, model: string): Price | null =>
  prices.get(model) ?? prices.get(`${provider}/${model}`) ?? null;

function indexPrices(): ReadonlyMap<string, Price> {
  const index = new Map<string, Price>();
  for (const { providers, models } of priceTable) {
    for (const [model, price] of Object.entries(models)) {
      const names = providers?.map((provider) => `${provider}/${model}`) ?? [model];
      for (const name of names) index.set(name, parsePrice(price));
    }
  }
  return index;
}

function parsePrice({ input, cachedInput = input, output }: ModelPrice): Price {
  return { input: parseUsd(input), cachedInput: parseUsd(cachedInput), output: parseUsd(output) };
}
