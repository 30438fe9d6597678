import type { AccountId } from '#kernel';

/** Tokens of a call, estimated or real. */
export interface CallTokens {
  /** Prompt tokens, >= 0. */
  readonly inputTokens: number;
  /** Generated tokens, >= 0. */
  readonly outputTokens: number;
}

/** What one upstream call wants from a pool. Its tokens are estimates, to be reserved. */
export interface Ask extends CallTokens {
  /** The model's name at the provider. */
  readonly model: string;
  /** Accounts that this call has tried already. */
  readonly exclude: ReadonlySet<AccountId>;
}
