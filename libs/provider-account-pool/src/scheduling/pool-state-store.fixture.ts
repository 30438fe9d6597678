import { asId } from '#kernel';
import type { AccountSpec, Ask, Decision, Reservation } from '#pool-core';
import { noLimits } from '../domain/account-limits.js';
import type { PoolStateStore } from './pool-state-store.js';

/** One account. */
export const a = asId<'Account'>('a');
/** Another. */
export const b = asId<'Account'>('b');
/** Nothing came of it. */
export const aborted = { kind: 'aborted', tokens: null } as const;

/** An account without limits. */
export const spec = (id: typeof a, more: Partial<AccountSpec> = {}): AccountSpec => ({
  id,
  weight: 1,
  tier: 1,
  human: { kind: 'enabled' },
  credentialUsable: true,
  limits: noLimits,
  quotaGroup: null,
  budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
  costFactor: 1,
  models: { allow: [], deny: [] },
  ...more,
});
/** The smallest call. */
export const ask: Ask = {
  model: 'm',
  inputTokens: 1,
  outputTokens: 1,
  price: null,
  affinity: null,
  exclude: new Set(),
};

/** Why accounts were refused. */
export const reasonsOf = (decision: Decision): string[] =>
  decision.kind === 'selected' ? [] : Array.from(decision.refusals, ({ reason }) => reason);

/** @throws Error when the call was refused */
export function reservationIn(decision: Decision): Reservation {
  if (decision.kind === 'selected') return decision.reservation;
  throw new Error(`refused: ${reasonsOf(decision).join()}`);
}

/** A store under test, at an instant, with one pool `p`. */
export class Bench {
  readonly nowMs = 1_000_000;
  store: PoolStateStore;

  constructor(private readonly make: () => PoolStateStore) {
    this.restart();
  }

  restart(): void {
    this.store = this.make();
  }

  configure(...specs: readonly AccountSpec[]): void {
    this.store.configure([{ name: 'p', options: {}, specs }], this.nowMs);
  }

  take(): Reservation {
    return reservationIn(this.store.acquire('p', ask, this.nowMs));
  }
}
