import { translateCall, TranslatingAdapter, type ProviderAdapter } from '#ai-provider';
import type { LeaseRequest, PoolRefusal } from '../contract/lease.js';
import { unsupported, untranslatable } from './refusal.js';

/** Whether a provider keeps a prompt of this size in a cache. */
export const keepsPrompt = (
  { capabilities: { promptCache } }: ProviderAdapter,
  inputTokens: number,
): boolean => promptCache !== null && inputTokens >= promptCache.minTokens;

/** Tokens that a provider counts for an answer until it has ended; `undefined` when its adapter does not say. */
export const heldOf = (
  { capabilities: { answerHold } }: ProviderAdapter,
  maxOutputTokens: number | null,
): number | undefined => (answerHold === null ? undefined : (maxOutputTokens ?? answerHold.unboundedTokens));

/** Why a provider cannot serve a call, neither in the call's wire format nor in another; `null`: it can. */
export function obstacleOf(adapter: ProviderAdapter, request: LeaseRequest): PoolRefusal | null {
  if (speaks(adapter, request)) return null;
  const translation = translateCall(adapter, request.call, request.model);
  if (translation === null) return unsupported;
  return translation.kind === 'translated' ? null : untranslatable(translation);
}

/**
 * The adapter for a call: the provider's, or where the call is translated one for this call alone.
 *
 * @throws Error when {@link obstacleOf} names an obstacle
 */
export function servingAdapter(
  adapter: ProviderAdapter,
  request: LeaseRequest,
  nowMs: number,
): ProviderAdapter {
  if (speaks(adapter, request)) return adapter;
  const { call, model } = request;
  const translation = translateCall(adapter, call, model);
  if (translation?.kind !== 'translated')
    throw new Error(`call ${call.id} was placed and has no translation`);
  return new TranslatingAdapter(adapter, call, translation, nowMs);
}

const speaks = (
  adapter: ProviderAdapter,
  { call: { operation, wireFormat }, model }: LeaseRequest,
): boolean =>
  adapter.capabilities.operations.includes(operation) &&
  (adapter.formatsOf === undefined ? adapter.wireFormats : adapter.formatsOf(model)).includes(wireFormat);
