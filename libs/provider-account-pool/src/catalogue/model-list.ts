import type { AccountId } from '#kernel';

/** The models of one account, as its provider listed them last. */
export interface ModelList {
  readonly accountId: AccountId;
  /** As calls name them, in the order of the alphabet; `null` until they were read once. */
  readonly models: readonly string[] | null;
  /** When they were read, ms since the epoch; `null` until then. */
  readonly readAtMs: number | null;
  /** The rule of the failure of the last reading; `null` when it went well. */
  readonly fault: string | null;
}

/** The right to read the list of an account. */
export interface ListClaim {
  readonly accountId: AccountId;
  /** Grows with each claim of the account: a later claim makes this one void. */
  readonly fence: string;
}
