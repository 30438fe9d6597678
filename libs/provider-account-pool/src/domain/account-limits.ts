import type { AccountLimits } from '#pool-core';

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

/** Nothing configured: all limits are learnt from the provider's headers. */
export const noLimits: AccountLimits = Object.freeze(completeLimits({}));
