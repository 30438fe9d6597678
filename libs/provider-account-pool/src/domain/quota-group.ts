import type { AccountLimits } from '#pool-core';

/** Accounts that share one limit at the provider, such as two keys of one organisation. Immutable. */
export interface QuotaGroupView {
  readonly id: string;
  readonly name: string;
  /** Name of the pool all its accounts are in. */
  readonly provider: string;
  /** What the accounts may use together; each may have limits of its own besides. */
  readonly limits: AccountLimits;
  readonly notes: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What can be said about a quota group when it is made. */
export interface QuotaGroupDraft {
  /** 1 to 200 characters, unique in the pool. */
  readonly name: string;
  /** Name or id of a provider row, or a known kind: its row is then made with defaults. Stays for good. */
  readonly provider: string;
  /** Each an integer > 0, or `null` for not configured: learnt from the provider's answers. */
  readonly limits?: Partial<AccountLimits> | null;
  /** Up to 4,000 characters. */
  readonly notes?: string | null;
}

/** A change of a quota group; what is left out stays. */
export type QuotaGroupChange = Partial<Omit<QuotaGroupDraft, 'provider'>>;
