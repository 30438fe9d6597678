import type { AccountId } from '#kernel';
import type { SavedState } from '#pool-core';
import type { TimelineEvent } from '../domain/timeline.js';

/** What is written behind, together. */
export interface HealthBatch {
  /** Accounts whose state may have changed. */
  readonly accountIds: readonly AccountId[];
  /** Everything that is held against them now; what is not in here is held no more. */
  readonly states: readonly SavedState[];
  readonly events: readonly TimelineEvent[];
  /** When accounts were last used, ms since the epoch. */
  readonly lastUsedMs: ReadonlyMap<AccountId, number>;
  /** When the batch was made, ms since the epoch. */
  readonly atMs: number;
}

/** The right to probe an account. */
export interface ProbeClaim {
  readonly accountId: AccountId;
  /** Grows with each claim of the account: a later claim makes this one void. */
  readonly fence: string;
}

/** Where health outlives the process, and who may probe is decided. Port: Postgres, or nothing at all. */
export abstract class HealthStore {
  /** Everything that was held against accounts. */
  abstract load(): Promise<readonly SavedState[]>;
  /** Writes a batch, or nothing of it. What belongs to accounts that are gone is left out. */
  abstract save(batch: HealthBatch): Promise<void>;
  /** Up to `limit` lines of a timeline, newest first, older than the line `beforeId`. */
  abstract timeline(
    accountId: AccountId,
    limit: number,
    beforeId: string | null,
  ): Promise<readonly TimelineEvent[]>;
  /** Claims an account for one probe. `null` when another process has it, or has just probed it. */
  abstract claimProbe(accountId: AccountId): Promise<ProbeClaim | null>;
  /**
   * Gives a claim back.
   *
   * @param restMs before this nobody probes the account again
   * @returns `false` when the claim was void: what the probe found is old news
   */
  abstract finishProbe(claim: ProbeClaim, restMs: number): Promise<boolean>;
  /** Deletes lines of timelines older than an instant, and what is left of states that ended before it. */
  abstract prune(beforeMs: number): Promise<void>;
}

/** Without a database nothing outlives the process, and the only process may probe whatever it wants. */
export class NoHealthStore extends HealthStore {
  async load(): Promise<readonly SavedState[]> {
    return [];
  }

  async save(): Promise<void> {}

  async timeline(): Promise<readonly TimelineEvent[]> {
    return [];
  }

  async claimProbe(accountId: AccountId): Promise<ProbeClaim> {
    return { accountId, fence: '0' };
  }

  async finishProbe(): Promise<boolean> {
    return true;
  }

  async prune(): Promise<void> {}
}
