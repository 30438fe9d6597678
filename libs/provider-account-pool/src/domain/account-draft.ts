import type { AccountLimits, ModelRules } from '#pool-core';
import type { BudgetView } from './account-budget.js';

/** What can be said about an account when it is made. */
export interface AccountDraft {
  /** Name or id of a provider row, or a known kind: its row is then made with defaults. */
  readonly provider: string;
  /** 1 to 200 characters, unique in the pool. */
  readonly name: string;
  /** The provider's key, 1 to 16,384 characters; JSON text for structured ones. Written, never read. */
  readonly credential: string;
  /** Share of the traffic within its tier, > 0 to 1,000,000, default 1. */
  readonly weight?: number;
  /** 1 to 1,000, default 1. */
  readonly tier?: number;
  /** Default `true`. */
  readonly enabled?: boolean;
  /** Each an integer > 0, or `null` for not configured. */
  readonly limits?: Partial<AccountLimits> | null;
  readonly models?: Partial<ModelRules> | null;
  /** At most 50; keys and values up to 200 characters. */
  readonly tags?: Readonly<Record<string, string>> | null;
  /** Up to 4,000 characters. */
  readonly notes?: string | null;
  /** Each a decimal text > 0 to 9,000,000 in US dollars, or `null` for no bound. */
  readonly budget?: Partial<BudgetView> | null;
  /** What a call costs here relative to the list price, 0 to 1,000, default 1. */
  readonly costFactor?: number;
  /** A quota group of the same provider; `null` when its limits are its own. */
  readonly quotaGroupId?: string | null;
  /** Whether another account of the provider may have the same credential, default `false`. Kept nowhere. */
  readonly allowDuplicate?: boolean;
}

/** A change of an account; what is left out stays. A new `credential` takes the place of the old one at once. */
export type AccountChange = Partial<Omit<AccountDraft, 'provider'>>;
