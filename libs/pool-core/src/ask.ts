import type { AccountId } from '#kernel';

/** What one upstream call wants from a pool. */
export interface Ask {
  /** The model's name at the provider. */
  readonly model: string;
  /** Prompt tokens to reserve, >= 0. */
  readonly inputTokens: number;
  /** Generated tokens to reserve, >= 0; an estimate. */
  readonly outputTokens: number;
  /** Accounts that this call has tried already. */
  readonly exclude: ReadonlySet<AccountId>;
}
