import type { LimitedUnit, LimitReading, ProviderFailure } from '#kernel';
import { Dice } from '../engine/dice.js';
import { unitsOf } from '../workload/counted.js';
import type { SimCall } from '../workload/sim-call.js';
import type { AccountTruth, Fault } from './account-truth.js';
import { heldOf, SimAccount, SimQuota, type Shortage } from './sim-account.js';

/** What a provider makes of a call, and when the last byte of it leaves. */
export type SimAnswer =
  | {
      readonly kind: 'served';
      /** How long the first byte takes. */
      readonly firstByteMs: number;
      readonly endsMs: number;
      readonly limits: readonly LimitReading[];
    }
  | {
      readonly kind: 'failed';
      readonly endsMs: number;
      readonly limits: readonly LimitReading[];
      readonly failure: ProviderFailure;
      /** What is to blame; `null` for a limit. */
      readonly fault: Fault | null;
    };

const refusalMs = 5;
const slowFactor = 10;
const brokenShare = 0.3;

/** All accounts of one provider, with what goes wrong. */
export class SimProvider {
  readonly accounts: readonly SimAccount[];
  private readonly byId: ReadonlyMap<string, SimAccount>;
  private readonly dice: Dice;
  private readonly leastHold: number;

  constructor(
    truths: readonly AccountTruth[],
    private readonly faults: readonly Fault[],
    private readonly startMs: number,
    seed: number,
  ) {
    const shared = new Map<string, SimQuota>();
    this.accounts = truths.map((truth) => {
      const name = truth.organisation ?? truth.id;
      const quota = shared.get(name) ?? new SimQuota(truth.limits, startMs);
      shared.set(name, quota);
      return new SimAccount(truth, quota);
    });
    this.byId = new Map(this.accounts.map((account) => [account.truth.id, account]));
    this.dice = new Dice(seed, 'provider');
    this.leastHold = Math.min(...truths.map(({ answerHold }) => answerHold));
  }

  account(id: string): SimAccount {
    const account = this.byId.get(id);
    if (account === undefined) throw new Error(`there is no account ${id}`);
    return account;
  }

  /** What a call needs of a limit to be admitted and to end, wherever that asks least. */
  unitsToServe(call: SimCall, unit: LimitedUnit): number {
    return unitsOf(unit, call.inputTokens, Math.max(call.outputTokens, heldOf(call, this.leastHold)));
  }

  /** All limits are so many times as large from now on. */
  scaleLimits(factor: number, nowMs: number): void {
    const buckets = new Set(this.accounts.flatMap((account) => account.buckets));
    for (const bucket of buckets) bucket.resize(bucket.limit * factor, nowMs);
  }

  /** What somebody hears who lists the models of an account: that asks for no credit and meets no limit. */
  listModels(account: SimAccount, nowMs: number): ProviderFailure | null {
    const inTheWay = this.active(account.truth.id, nowMs).find(
      ({ kind, spares }) => spares !== 'listing' && (kind === 'revoked' || kind === 'outage'),
    );
    return inTheWay === undefined ? null : failureOf(inTheWay);
  }

  /** What is wrong with an account now; `null` when it may serve. Slowness is not in the way. */
  faultOf({ truth }: SimAccount, nowMs: number): Fault | null {
    return this.active(truth.id, nowMs).find(({ kind }) => kind !== 'slow') ?? null;
  }

  /** A call has arrived at the provider. */
  receive(account: SimAccount, call: SimCall, nowMs: number): SimAnswer {
    account.noteReceived(call);
    const active = this.active(account.truth.id, nowMs);
    const broken = active.find(({ kind }) => kind !== 'slow' && kind !== 'brown_out');
    if (broken !== undefined) return failed(failureOf(broken), broken, nowMs + refusalMs, []);
    const delay = active.some(({ kind }) => kind === 'slow') ? slowFactor : 1;
    const firstByteMs = delay * call.slowness * account.truth.firstByteMs;
    const brownOut = active.find(({ kind }) => kind === 'brown_out');
    if (brownOut !== undefined && this.dice.next() < brokenShare) {
      return failed(failureOf(brownOut), brownOut, nowMs + firstByteMs, []);
    }
    const shortage = account.admit(call, nowMs);
    const limits = account.readings(nowMs);
    if (shortage !== null) return failed(limited(account.truth, shortage), null, nowMs + refusalMs, limits);
    if (call.conversation !== null) account.cache.keepWarm(call.conversation, nowMs);
    const answerMs = (1_000 * delay * call.outputTokens) / account.truth.tokensPerSecond;
    return { kind: 'served', firstByteMs, endsMs: nowMs + firstByteMs + answerMs, limits };
  }

  private active(id: string, nowMs: number): Fault[] {
    if (this.faults.length === 0) return [];
    const sinceMs = nowMs - this.startMs;
    return this.faults.filter(
      ({ fromMs, untilMs, accounts }) =>
        sinceMs >= fromMs && sinceMs < untilMs && (accounts === null || accounts.includes(id)),
    );
  }
}

function failed(
  failure: ProviderFailure,
  fault: Fault | null,
  endsMs: number,
  limits: readonly LimitReading[],
): SimAnswer {
  return { kind: 'failed', failure, fault, endsMs, limits };
}

function limited({ candour }: AccountTruth, { waitMs, unit }: Shortage): ProviderFailure {
  const hinted = candour !== 'nothing' && waitMs !== null;
  return {
    class: 'rate_limited',
    scope: 'account',
    rule: `sim.${unit}`,
    retryAfterMs: hinted ? Math.ceil(waitMs / 1_000) * 1_000 : null,
  };
}

function failureOf({ kind }: Fault): ProviderFailure {
  const common = { scope: 'account', rule: `sim.${kind}`, retryAfterMs: null } as const;
  switch (kind) {
    case 'revoked':
      return { ...common, class: 'authentication' };
    case 'credit_spent':
      return { ...common, class: 'quota_exhausted' };
    case 'outage':
    case 'brown_out':
    case 'slow':
      return { ...common, class: 'server_error' };
    case 'storm':
      return { ...common, class: 'rate_limited' };
  }
}
