import type { AccountLimits } from '#pool-core';
import { given } from './given.js';

/** The limits that are set, in the form of a complete record. */
export function completeLimits(limits: Partial<AccountLimits>): AccountLimits {
  const of = (name: keyof AccountLimits): number | null => limits[name] ?? null;
  return {
    rpm: of('rpm'),
    tpm: of('tpm'),
    itpm: of('itpm'),
    otpm: of('otpm'),
    rpd: of('rpd'),
    tpd: of('tpd'),
    maxConcurrency: of('maxConcurrency'),
  };
}

/** Limits merged into what is there; `null` clears all of them. */
export const changedLimits = (
  limits: Partial<AccountLimits>,
  change: Partial<AccountLimits> | null,
): Partial<AccountLimits> => (change === null ? {} : { ...limits, ...given(change) });

/** Nothing configured: all limits are learnt from the provider's headers. */
export const noLimits: AccountLimits = Object.freeze(completeLimits({}));
