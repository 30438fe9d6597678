import type { ProviderAdapter } from '#ai-provider';
import type { LeaseRequest } from '../contract/lease.js';

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

/** Whether a provider has the operation in the wire format of a call. */
export const canServe = (
  { capabilities, wireFormats }: ProviderAdapter,
  { operation, wireFormat }: LeaseRequest,
): boolean => capabilities.operations.includes(operation) && wireFormats.includes(wireFormat);
