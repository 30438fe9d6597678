import { asId } from '#kernel';
import type { AccountId, FailureClass, ProviderFailure, Random, TokenUsage } from '#kernel';
import type { AccountLimits, AccountSpec, RefusalReason } from '../src/account.js';
import { AccountPool } from '../src/account-pool.js';
import type { Ask } from '../src/ask.js';
import type { PoolOptions } from '../src/pool-options.js';
import type { Reservation } from '../src/reservation.js';
import { selectAccount } from '../src/select-account.js';
import type { Decision } from '../src/select-account.js';
import { settle } from '../src/settle.js';
import type { Outcome } from '../src/settle.js';
import type { Transition } from '../src/transition.js';

/** Nothing configured. */
export const noLimits: AccountLimits = {
  rpm: null,
  tpm: null,
  itpm: null,
  otpm: null,
  rpd: null,
  tpd: null,
  maxConcurrency: null,
};

/** An account that serves everything without limits, but for what the test says. */
export function anAccount(
  id: string,
  { limits, ...rest }: Partial<Omit<AccountSpec, 'id' | 'limits'>> & { limits?: Partial<AccountLimits> } = {},
): AccountSpec {
  return {
    id: asId<'Account'>(id),
    weight: 1,
    tier: 1,
    human: { kind: 'enabled' },
    credentialUsable: true,
    quotaGroup: null,
    budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
    costFactor: 1,
    models: { allow: [], deny: [] },
    ...rest,
    limits: { ...noLimits, ...limits },
  };
}

/** A call of 10 + 5 tokens to `model-a`, but for what the test says. */
export function anAsk({
  exclude = [],
  ...rest
}: Partial<Omit<Ask, 'exclude'>> & { exclude?: string[] } = {}): Ask {
  const excluded = new Set(exclude.map((id) => asId<'Account'>(id)));
  return {
    model: 'model-a',
    inputTokens: 10,
    outputTokens: 5,
    price: null,
    affinity: null,
    ...rest,
    exclude: excluded,
  };
}

/** A failure of a class on an account, without a hint, but for what the test says. */
export function aFailure(failureClass: FailureClass, rest: Partial<ProviderFailure> = {}): ProviderFailure {
  return { class: failureClass, scope: 'account', rule: `test.${failureClass}`, retryAfterMs: null, ...rest };
}

/** Outcomes with nothing more to say. */
export const succeeded: Outcome = { kind: 'succeeded', tokens: null, limits: [], firstByteMs: null };
export const aborted: Outcome = { kind: 'aborted', tokens: null };
export const failedBy = (failure: ProviderFailure): Outcome => ({
  kind: 'failed',
  failure,
  tokens: null,
  limits: [],
});

/** Usage without cache and reasoning. */
export const usage = (input: number, output: number): TokenUsage => ({
  input,
  output,
  cachedInput: 0,
  reasoning: 0,
});

/** Numbers in [0, 1) that look random and are the same in every run. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The reasons of all accounts; none when one was chosen. */
export const reasonsOf = (decision: Decision): RefusalReason[] =>
  decision.kind === 'selected' ? [] : Array.from(decision.refusals, ({ reason }) => reason);

/** A pool with its own clock: time passes when the test says so. */
export class PoolInTime {
  readonly pool: AccountPool;
  nowMs = 1_000_000;
  private readonly random = seeded(7);

  constructor(specs: readonly AccountSpec[], options: Partial<PoolOptions> = {}) {
    this.pool = new AccountPool(options);
    this.pool.replaceAccounts(specs, this.nowMs);
  }

  pass(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  select(ask: Ask = anAsk()): ReturnType<typeof selectAccount> {
    return selectAccount(this.pool, ask, this.nowMs, this.random);
  }

  /** @throws Error when the pool refuses */
  reserve(ask?: Ask): Reservation {
    const decision = this.select(ask);
    if (decision.kind === 'selected') return decision.reservation;
    throw new Error(`refused: ${reasonsOf(decision).join()}`);
  }

  settle(reservation: Reservation, outcome: Outcome = succeeded): readonly Transition[] {
    return settle(this.pool, reservation, outcome, this.nowMs, this.random);
  }

  /** One whole call that takes a millisecond. */
  call(outcome: Outcome = succeeded, ask?: Ask): readonly Transition[] {
    const reservation = this.reserve(ask);
    return this.pass(1).settle(reservation, outcome);
  }

  /** First reason an ask is refused for; `null` when it is not. */
  reason(ask?: Ask): string | null {
    const decision = this.select(ask);
    if (decision.kind === 'refused') return reasonsOf(decision)[0] ?? 'none';
    this.settle(decision.reservation, aborted);
    return null;
  }

  machine(id: string): string | undefined {
    return this.pool.account(asId<'Account'>(id))?.standing.stateAt(this.nowMs).kind;
  }
}

export const idOf = (text: string): AccountId => asId<'Account'>(text);
