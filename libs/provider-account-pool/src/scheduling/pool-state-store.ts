import type { AccountId, LimitReading } from '#kernel';
import type {
  AccountChange,
  AccountExplanation,
  AccountSpec,
  AccountStatus,
  Ask,
  Decision,
  Forecast,
  MachineState,
  Outcome,
  Placement,
  PickSpread,
  PoolOptions,
  QuotaNews,
  Reservation,
  SavedSpend,
  SavedState,
  TestResult,
  Transition,
} from '#pool-core';

/** A pool as configured. */
export interface PoolSetup {
  readonly name: string;
  readonly options: Partial<PoolOptions>;
  readonly specs: readonly AccountSpec[];
}

/**
 * Windows, calls under way, circuits and cool-downs of all pools. Port; every adapter passes
 * `pool-state-store.contract.ts`. Answers at once: an adapter with a shared store works on its share of the limits and
 * synchronises behind. What concerns an unknown pool or account changes nothing and answers with nothing.
 */
export abstract class PoolStateStore {
  /**
   * Puts these pools in force, and no others. What is known about accounts that stay is kept.
   *
   * @returns the pools that could not take their new configuration and keep the old one, with the reason
   */
  abstract configure(pools: readonly PoolSetup[], nowMs: number): ReadonlyMap<string, RangeError>;
  /** Chooses an account and takes what the call needs of it, in one step. */
  abstract acquire(pool: string, ask: Ask, nowMs: number): Decision;
  /** Whether an account that the call has not tried may come to serve it by itself: now, in time, or when a call ends. */
  abstract mayComeToServe(pool: string, ask: Ask, nowMs: number): boolean;
  /** The pool as those who wait for it see it, also after changes of its configuration. */
  abstract placement(pool: string): Placement;
  /** Calls back whenever an account of a pool may have become free other than by time, with the pool's name. */
  abstract onFreed(listener: (pool: string) => void): void;
  /** Takes in what the head of an answer says of limits; its end then has nothing to add. */
  abstract noteLimits(
    pool: string,
    reservation: Reservation,
    readings: readonly LimitReading[],
    nowMs: number,
  ): void;
  /** Ends a reservation. Idempotent: only the first call counts. */
  abstract settle(
    pool: string,
    reservation: Reservation,
    outcome: Outcome,
    nowMs: number,
  ): readonly Transition[];
  /** Ends, as aborted, every reservation taken before an instant. */
  abstract expire(takenBeforeMs: number, nowMs: number): readonly Reservation[];
  /** What would become of an ask at each account. Changes nothing. */
  abstract explain(pool: string, ask: Ask, nowMs: number): readonly AccountExplanation[];
  /**
   * What changes of accounts would come to, for a model or (`null`) for one that no rule excludes. Changes nothing.
   *
   * @throws RangeError when a weight, a tier or a limit is out of range
   */
  abstract whatIf(
    pool: string,
    changes: readonly AccountChange[],
    model: string | null,
    nowMs: number,
  ): Forecast;
  /** How the pool has spread its last calls. */
  abstract pickSpread(pool: string, nowMs: number): PickSpread;
  /** All accounts of a pool now, lowest tier first. */
  abstract statuses(pool: string, nowMs: number): readonly AccountStatus[];
  /** What is held against an account as a whole. */
  abstract stateOf(pool: string, accountId: AccountId, nowMs: number): MachineState;
  /** Everything that is held against any account or its models, by pool. */
  abstract dump(nowMs: number): ReadonlyMap<string, readonly SavedState[]>;
  abstract restore(states: readonly SavedState[], nowMs: number): void;
  /** What accounts have spent in this UTC day and month, by pool. */
  abstract spends(nowMs: number): ReadonlyMap<string, readonly SavedSpend[]>;
  /** Takes in what was spent before a restart; never lowers what is known. */
  abstract restoreSpends(spends: readonly SavedSpend[], nowMs: number): void;
  /** Takes in what a test of the account came to. */
  abstract recordTest(
    pool: string,
    accountId: AccountId,
    result: TestResult,
    nowMs: number,
  ): readonly Transition[];
  /** Forgives everything. */
  abstract clear(pool: string, accountId: AccountId, nowMs: number): readonly Transition[];
  /** The provider says that an account may use these models: those that it was refused are half-open. */
  abstract offerModels(
    pool: string,
    accountId: AccountId,
    models: ReadonlySet<string>,
    nowMs: number,
  ): readonly Transition[];
  /** Takes an account out for a while; never shortens a rest. */
  abstract bench(
    pool: string,
    accountId: AccountId,
    forMs: number,
    rule: string,
    nowMs: number,
  ): readonly Transition[];
  /**
   * What other replicas have to know since it was last asked, by pool.
   *
   * @param most accounts looked at in each pool
   */
  abstract takeNews(most: number, nowMs: number): ReadonlyMap<string, readonly QuotaNews[]>;
  /** Whether so much was spent since then that the others should know soon. */
  abstract isNewsUrgent(): boolean;
  /**
   * Takes in what another replica has told of a pool.
   *
   * @param isNew whether this replica has just begun, and knows of nothing that the others have used
   */
  abstract hearNews(
    pool: string,
    replica: string,
    news: readonly QuotaNews[],
    nowMs: number,
    isNew: boolean,
  ): void;
  /** Tells once more what is missing, under way and held against accounts. */
  abstract tellAnew(nowMs: number): void;
  /** A replica is gone, or what it told was missed: its calls count no more. */
  abstract forgetReplica(replica: string): void;
  /** @param shares among how many replicas all limits are split; 1: they are whole, and shared by what replicas tell */
  abstract splitLimits(shares: number, nowMs: number): void;
}
