import type { AccountId, TokenPrice } from '#kernel';

export type { TokenPrice };

/** Accounts that can be asked for, if not listed. `size` is 0 exactly when there are none. */
export interface AccountSet extends Pick<ReadonlySet<AccountId>, 'size' | 'has'> {
  /** Set when it is all accounts but this one, which may be in it, too; `size` is `Infinity` then. */
  readonly only?: AccountId;
}

/** Tokens of a call, estimated or real. */
export interface CallTokens {
  /** Prompt tokens, >= 0. */
  readonly inputTokens: number;
  /** Generated tokens, >= 0. */
  readonly outputTokens: number;
}

/** Tokens a call is expected to use, and what its provider holds of its limits meanwhile. */
export interface ExpectedTokens extends CallTokens {
  /**
   * Generated tokens that the provider counts against its limits from the beginning of a call to its end, >= 0: the caller's
   * bound, with some. Default: no more than are expected.
   */
  readonly heldOutputTokens?: number | undefined;
}

/** Generated tokens to reserve of limits. */
export const reservedOutput = ({ outputTokens, heldOutputTokens }: ExpectedTokens): number =>
  heldOutputTokens === undefined || heldOutputTokens < outputTokens ? outputTokens : heldOutputTokens;

/** What one upstream call wants from a pool. Its tokens are estimates, to be reserved. */
export interface Ask extends ExpectedTokens {
  /** The model's name at the provider; empty for one that no rule excludes, to explain a pool at large. */
  readonly model: string;
  /** List price; `null` when nobody knows it: budgets then do not count the call. */
  readonly price: TokenPrice | null;
  /**
   * What the call has in common with others whose prompt begins alike: accounts keep such prompts in a cache. Any text
   * that is equal for them and short; `null` when there is nothing.
   */
  readonly affinity: string | null;
  /**
   * Until then the call rather waits for the account that has its prompt warm than goes elsewhere, ms since the epoch.
   * Default: it takes what it can get.
   */
  readonly patientUntilMs?: number;
  /** Accounts that this call has tried already. */
  readonly exclude: AccountSet;
}
