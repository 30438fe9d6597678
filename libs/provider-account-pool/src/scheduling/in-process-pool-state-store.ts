import { Inject, Injectable } from '@nestjs/common';
import { RANDOM, type AccountId, type Random } from '#kernel';
import {
  AccountPool,
  accountStatuses,
  benchAccount,
  clearMachineState,
  dumpSpend,
  dumpStates,
  expireReservations,
  explainSelection,
  recordProbe,
  restoreSpend,
  restoreStates,
  selectAccount,
  settle,
  type AccountExplanation,
  type AccountStatus,
  type Ask,
  type Decision,
  type MachineState,
  type Outcome,
  type Reservation,
  type SavedSpend,
  type SavedState,
  type TestResult,
  type Transition,
} from '#pool-core';
import { PoolStateStore, type PoolSetup } from './pool-state-store.js';

const closed: MachineState = Object.freeze({ kind: 'closed' });
const noAccounts: Decision = Object.freeze({ kind: 'refused', refusals: [], earliestMs: null });

/** Keeps everything in this process: exact for one process, each replica by itself otherwise. */
@Injectable()
export class InProcessPoolStateStore extends PoolStateStore {
  private pools = new Map<string, { readonly pool: AccountPool; readonly options: string }>();

  constructor(@Inject(RANDOM) private readonly random: Random) {
    super();
  }

  configure(setups: readonly PoolSetup[], nowMs: number): ReadonlyMap<string, RangeError> {
    const faults = new Map<string, RangeError>();
    const kept = new Map<string, { readonly pool: AccountPool; readonly options: string }>();
    for (const setup of setups) {
      const known = this.pools.get(setup.name);
      try {
        kept.set(setup.name, configured(setup, known, nowMs));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        faults.set(setup.name, error);
        if (known !== undefined) kept.set(setup.name, known);
      }
    }
    this.pools = kept;
    return faults;
  }

  acquire(pool: string, ask: Ask, nowMs: number): Decision {
    const known = this.pool(pool);
    return known === undefined ? noAccounts : selectAccount(known, ask, nowMs, this.random);
  }

  settle(pool: string, reservation: Reservation, outcome: Outcome, nowMs: number): readonly Transition[] {
    const known = this.pool(pool);
    return known === undefined ? [] : settle(known, reservation, outcome, nowMs, this.random);
  }

  expire(takenBeforeMs: number, nowMs: number): readonly Reservation[] {
    return [...this.pools.values()].flatMap(({ pool }) => expireReservations(pool, takenBeforeMs, nowMs));
  }

  explain(pool: string, ask: Ask, nowMs: number): readonly AccountExplanation[] {
    const known = this.pool(pool);
    return known === undefined ? [] : explainSelection(known, ask, nowMs);
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
    return known === undefined ? [] : recordProbe(known, accountId, result, nowMs, this.random);
  }

  clear(pool: string, accountId: AccountId, nowMs: number): readonly Transition[] {
    const known = this.pool(pool);
    return known === undefined ? [] : clearMachineState(known, accountId, nowMs);
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

  private pool(name: string): AccountPool | undefined {
    return this.pools.get(name)?.pool;
  }
}

/** The options of a pool cannot change under way: with other options it is made anew, with what was held kept. */
function configured(
  { options, specs }: PoolSetup,
  known: { readonly pool: AccountPool; readonly options: string } | undefined,
  nowMs: number,
): { readonly pool: AccountPool; readonly options: string } {
  const fingerprint = JSON.stringify({ ...options, strategy: options.strategy?.name });
  const unchanged = known?.options === fingerprint;
  const pool = unchanged ? known.pool : new AccountPool(options);
  pool.replaceAccounts(specs, nowMs);
  if (!unchanged && known !== undefined) {
    restoreStates(pool, dumpStates(known.pool, nowMs), nowMs);
    restoreSpend(pool, dumpSpend(known.pool, nowMs), nowMs);
  }
  return { pool, options: fingerprint };
}
