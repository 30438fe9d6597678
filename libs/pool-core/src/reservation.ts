import type { AccountId, LimitReading, TokenUsage } from '#kernel';
import type { Ask, CallTokens } from './ask.js';
import type { Bagged } from './bag.js';
import { realCost } from './budget/call-cost.js';
import type { PooledAccount, PooledGroup } from './pooled-account.js';
import type { Used } from './rate-window/limit-windows.js';
import type { Charge } from './rate-window/token-buckets.js';

/** One request, the estimated tokens and one slot, held on one account and its group until it is settled. */
export class Reservation implements CallTokens, Bagged {
  place = -1;
  /** Whether its holder has said that the call is still under way, since that was last noted. */
  hasSignOfLife = false;
  isSettled = false;
  /** Whether its answer has said what it says of limits. */
  private hasHeardLimits = false;
  /** When a sign of life was last noted, ms since the epoch; `null` before the first. */
  private seenAtMs: number | null = null;
  /** The account's group when the call began: it is the one to settle with, wherever the account is then. */
  readonly group: PooledGroup | null;
  /** What it took of the account's windows. */
  charge: Charge = noCharge;
  /** What it took of the group's; `null` without a group. */
  groupCharge: Charge | null = null;
  private costNanoUsd = 0;

  private constructor(
    readonly account: PooledAccount,
    private readonly ask: Ask,
    /** ms since the epoch. */
    readonly takenAtMs: number,
  ) {
    this.group = account.group;
  }

  /**
   * Takes what a call needs of an account. No work of the constructor's: V8 inlines one that sets fields alone.
   *
   * @param ask what is reserved; kept, so not to be changed any more
   */
  static of(account: PooledAccount, ask: Ask, nowMs: number): Reservation {
    const reservation = new Reservation(account, ask, nowMs);
    reservation.begin();
    return reservation;
  }

  get accountId(): AccountId {
    return this.account.id;
  }

  get model(): string {
    return this.ask.model;
  }

  get inputTokens(): number {
    return this.ask.inputTokens;
  }

  get outputTokens(): number {
    return this.ask.outputTokens;
  }

  /** When it was last noted that the call is still under way, ms since the epoch. */
  get aliveAtMs(): number {
    return this.seenAtMs ?? this.takenAtMs;
  }

  noteLife(nowMs: number): void {
    if (!this.hasSignOfLife) return;
    this.hasSignOfLife = false;
    this.seenAtMs = nowMs;
  }

  /**
   * Replaces the estimate by what was used.
   *
   * @param used `null` when the provider did not count the call at all
   * @param told usage as the provider told it
   */
  settleUsage(used: CallTokens | null, told: TokenUsage | null, nowMs: number): void {
    this.account.buckets.settleEach(this.charge, used, nowMs);
    if (this.groupCharge !== null) this.group?.buckets.settleEach(this.groupCharge, used, nowMs);
    const { budget, spec } = this.account;
    const { price } = this.ask;
    const isCounted = used !== null && price !== null;
    const cost = isCounted ? realCost(used, told, price, spec.costFactor) : 0;
    budget.settle(this.costNanoUsd, cost, nowMs);
  }

  /**
   * Corrects the limits that the call was charged to by what its answer said: in a group they are the group's. Only the first
   * time: what an answer's head has said is not news at its end.
   *
   * @param used what the call was settled with
   */
  learnLimits(readings: readonly LimitReading[], used: Used, nowMs: number): void {
    if (this.hasHeardLimits) return;
    this.hasHeardLimits = true;
    const { windows } = this.group ?? this.account;
    const charge = this.groupCharge ?? this.charge;
    const isHeld = this.ask.heldOutputTokens !== undefined;
    windows.learn(readings, { charge, sentMs: this.takenAtMs, isHeld }, used, nowMs);
  }

  /** Whether a refusal that said nothing about limits is one that the account's own use explains. */
  explainsSilence(nowMs: number): boolean {
    const { silentLimit } = this.group ?? this.account;
    return silentLimit.explains(this.groupCharge ?? this.charge, this.takenAtMs, nowMs);
  }

  /** Learns from a refusal that said nothing about limits. */
  learnSilence(nowMs: number): void {
    const { silentLimit } = this.group ?? this.account;
    silentLimit.noteRefused(this.groupCharge ?? this.charge, this.takenAtMs, nowMs);
  }

  /** Gives the slot back, and the place of a probe. */
  end(): void {
    this.account.end(this, this.model);
    this.group?.end(this, this.model);
    this.account.sharedLimit.noteEnd(this);
  }

  private begin(): void {
    const { account, group, ask, takenAtMs } = this;
    this.charge = account.begin(this, ask.model, ask, takenAtMs);
    if (group !== null) this.groupCharge = group.begin(this, ask.model, ask, takenAtMs);
    this.costNanoUsd = account.costOf(ask) ?? 0;
    account.budget.reserve(this.costNanoUsd);
    account.sharedLimit.noteStart(this, takenAtMs);
  }
}

const noCharge: Charge = [];
