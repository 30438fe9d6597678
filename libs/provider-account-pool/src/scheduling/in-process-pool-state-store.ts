import { Inject, Injectable } from '@nestjs/common';
import { RANDOM, type AccountId, type LimitReading, type Random } from '#kernel';
import {
  AccountPool,
  accountStatuses,
  benchAccount,
  clearMachineState,
  dumpSpend,
  dumpStates,
  expireReservations,
  explainSelection,
  forgetProcess,
  hearNews,
  isNewsUrgent,
  offerModels,
  noteLimits,
  placementIn,
  pickSpread,
  recordProbe,
  restoreSpend,
  restoreStates,
  mayComeToServe,
  selectAccount,
  settle,
  splitLimits,
  takeNews,
  tellAnew,
  whatIf,
  type AccountChange,
  type AccountExplanation,
  type AccountStatus,
  type Ask,
  type Decision,
  type Forecast,
  type MachineState,
  type Outcome,
  type Placement,
  type PickSpread,
  type QuotaNews,
  type Reservation,
  type SavedSpend,
  type SavedState,
  type TestResult,
  type Transition,
} from '#pool-core';
import { PoolStateStore, type PoolSetup } from './pool-state-store.js';

const closed: MachineState = Object.freeze({ kind: 'closed' });
const noPicks: PickSpread = Object.freeze({ picks: 0, entropyRatio: null });
/** Stands for a pool that nobody has configured. */
const empty = new AccountPool();

const nowhere: Placement = {
  size: 0,
  place: () => null,
  placeInNeed: () => null,
  awaited: () => null,
  readyFirst: () => null,
  idleMs: () => 0,
  loadOf: () => 1,
};

interface KnownPool {
  readonly pool: AccountPool;
  readonly placement: Placement;
  /** What its options were, to see whether they have changed. */
  readonly options: string;
}

/** Keeps everything in this process: exact for one process. What other replicas use and find out is told it by `PoolSharing`. */
@Injectable()
export class InProcessPoolStateStore extends PoolStateStore {
  private pools = new Map<string, KnownPool>();
  private freed: (pool: string) => void = () => undefined;
  private shares = 1;

  constructor(@Inject(RANDOM) private readonly random: Random) {
    super();
  }

  configure(setups: readonly PoolSetup[], nowMs: number): ReadonlyMap<string, RangeError> {
    const faults = new Map<string, RangeError>();
    const kept = new Map<string, KnownPool>();
    for (const setup of setups) {
      const known = this.pools.get(setup.name);
      try {
        kept.set(setup.name, this.configured(setup, known, nowMs));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        faults.set(setup.name, error);
        if (known !== undefined) kept.set(setup.name, known);
      }
    }
    this.pools = kept;
    for (const { name } of setups) this.freed(name);
    return faults;
  }

  placement(pool: string): Placement {
    const current = (): Placement => this.pools.get(pool)?.placement ?? nowhere;
    return {
      get size() {
        return current().size;
      },
      awaited: (ask, nowMs) => this.pools.get(pool)?.placement.awaited(ask, nowMs) ?? null,
      place: (ask, nowMs) => current().place(ask, nowMs),
      placeInNeed: (ask, nowMs) => current().placeInNeed(ask, nowMs),
      readyFirst: (ask, nowMs) => current().readyFirst(ask, nowMs),
      idleMs: (nowMs) => current().idleMs(nowMs),
      loadOf: (ask, nowMs) => current().loadOf(ask, nowMs),
    };
  }

  onFreed(listener: (pool: string) => void): void {
    this.freed = listener;
  }

  acquire(pool: string, ask: Ask, nowMs: number): Decision {
    return selectAccount(this.pool(pool) ?? empty, ask, nowMs, this.random);
  }

  mayComeToServe(pool: string, ask: Ask, nowMs: number): boolean {
    return mayComeToServe(this.pool(pool) ?? empty, ask, nowMs, this.random);
  }

  noteLimits(pool: string, reservation: Reservation, readings: readonly LimitReading[], nowMs: number): void {
    const known = this.pool(pool);
    if (known === undefined) return;
    noteLimits(known, reservation, readings, nowMs);
    this.freed(pool);
  }

  settle(pool: string, reservation: Reservation, outcome: Outcome, nowMs: number): readonly Transition[] {
    const known = this.pool(pool);
    if (known === undefined) return [];
    const transitions = settle(known, reservation, outcome, nowMs, this.random);
    this.freed(pool);
    return transitions;
  }

  expire(takenBeforeMs: number, nowMs: number): readonly Reservation[] {
    return [...this.pools].flatMap(([name, { pool }]) => {
      const expired = expireReservations(pool, takenBeforeMs, nowMs);
      if (expired.length > 0) this.freed(name);
      return expired;
    });
  }

  explain(pool: string, ask: Ask, nowMs: number): readonly AccountExplanation[] {
    const known = this.pool(pool);
    return known === undefined ? [] : explainSelection(known, ask, nowMs);
  }

  whatIf(pool: string, changes: readonly AccountChange[], model: string | null, nowMs: number): Forecast {
    return whatIf(this.pool(pool) ?? empty, changes, model, nowMs);
  }

  pickSpread(pool: string, nowMs: number): PickSpread {
    const known = this.pool(pool);
    return known === undefined ? noPicks : pickSpread(known, nowMs);
  }

  statuses(pool: string, nowMs: number): readonly AccountStatus[] {
    const known = this.pool(pool);
    return known === undefined ? [] : accountStatuses(known, nowMs);
  }

  stateOf(pool: string, accountId: AccountId, nowMs: number): MachineState {
    return this.pool(pool)?.account(accountId)?.bindingStanding(nowMs).stateAt(nowMs) ?? closed;
  }

  dump(nowMs: number): ReadonlyMap<string, readonly SavedState[]> {
    return new Map([...this.pools].map(([name, { pool }]) => [name, dumpStates(pool, nowMs)]));
  }

  restore(states: readonly SavedState[], nowMs: number): void {
    for (const { pool } of this.pools.values()) restoreStates(pool, states, nowMs);
  }

  spends(nowMs: number): ReadonlyMap<string, readonly SavedSpend[]> {
    return new Map([...this.pools].map(([name, { pool }]) => [name, dumpSpend(pool, nowMs)]));
  }

  restoreSpends(spends: readonly SavedSpend[], nowMs: number): void {
    for (const { pool } of this.pools.values()) restoreSpend(pool, spends, nowMs);
  }

  recordTest(pool: string, accountId: AccountId, result: TestResult, nowMs: number): readonly Transition[] {
    const known = this.pool(pool);
    if (known === undefined) return [];
    const transitions = recordProbe(known, accountId, result, nowMs, this.random);
    this.freed(pool);
    return transitions;
  }

  clear(pool: string, accountId: AccountId, nowMs: number): readonly Transition[] {
    const known = this.pool(pool);
    if (known === undefined) return [];
    const transitions = clearMachineState(known, accountId, nowMs);
    this.freed(pool);
    return transitions;
  }

  offerModels(
    pool: string,
    accountId: AccountId,
    models: ReadonlySet<string>,
    nowMs: number,
  ): readonly Transition[] {
    const known = this.pool(pool);
    if (known === undefined) return [];
    const transitions = offerModels(known, accountId, models, nowMs);
    if (transitions.length > 0) this.freed(pool);
    return transitions;
  }

  bench(
    pool: string,
    accountId: AccountId,
    forMs: number,
    rule: string,
    nowMs: number,
  ): readonly Transition[] {
    const known = this.pool(pool);
    return known === undefined ? [] : benchAccount(known, accountId, forMs, rule, nowMs);
  }

  takeNews(most: number, nowMs: number): ReadonlyMap<string, readonly QuotaNews[]> {
    const news = [...this.pools].map(([name, { pool }]) => [name, takeNews(pool, most, nowMs)] as const);
    return new Map(news.filter(([, ofPool]) => ofPool.length > 0));
  }

  isNewsUrgent(): boolean {
    return [...this.pools.values()].some(({ pool }) => isNewsUrgent(pool));
  }

  hearNews(pool: string, replica: string, news: readonly QuotaNews[], nowMs: number, isNew: boolean): void {
    const known = this.pool(pool);
    if (known === undefined) return;
    hearNews(known, replica, news, nowMs, isNew);
    this.freed(pool);
  }

  tellAnew(nowMs: number): void {
    for (const { pool } of this.pools.values()) tellAnew(pool, nowMs);
  }

  forgetReplica(replica: string): void {
    for (const [name, { pool }] of this.pools) {
      forgetProcess(pool, replica);
      this.freed(name);
    }
  }

  splitLimits(shares: number, nowMs: number): void {
    this.shares = shares;
    for (const [name, { pool }] of this.pools) {
      splitLimits(pool, shares, nowMs);
      this.freed(name);
    }
  }

  private pool(name: string): AccountPool | undefined {
    return this.pools.get(name)?.pool;
  }

  /** The options of a pool cannot change under way: with other options it is made anew, with what was held kept. */
  private configured({ options, specs }: PoolSetup, known: KnownPool | undefined, nowMs: number): KnownPool {
    const fingerprint = JSON.stringify({ ...options, strategy: options.strategy?.name });
    const unchanged = known?.options === fingerprint;
    const pool = unchanged ? known.pool : new AccountPool(options);
    pool.replaceAccounts(specs, nowMs);
    if (unchanged) return known;
    splitLimits(pool, this.shares, nowMs);
    if (known !== undefined) {
      restoreStates(pool, dumpStates(known.pool, nowMs), nowMs);
      restoreSpend(pool, dumpSpend(known.pool, nowMs), nowMs);
    }
    return { pool, placement: placementIn(pool, this.random), options: fingerprint };
  }
}
