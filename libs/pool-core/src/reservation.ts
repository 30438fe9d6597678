import type { AccountId } from '#kernel';
import type { Ask, CallTokens } from './ask.js';
import type { PooledAccount } from './pooled-account.js';
import type { Charge } from './rate-window/account-windows.js';

/** One request, the estimated tokens and one slot, held on one account until it is settled. */
export class Reservation implements CallTokens {
  /** When its holder last said that the call is still under way, ms since the epoch. */
  aliveAtMs: number;
  isSettled = false;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly charges: readonly Charge[];

  constructor(
    readonly account: PooledAccount,
    ask: Ask,
    /** ms since the epoch. */
    readonly takenAtMs: number,
  ) {
    this.aliveAtMs = takenAtMs;
    this.model = ask.model;
    this.inputTokens = ask.inputTokens;
    this.outputTokens = ask.outputTokens;
    this.charges = account.windows.take(ask, takenAtMs);
  }

  get accountId(): AccountId {
    return this.account.id;
  }
}

/** Takes what an ask needs of an account. To be called in the same step in which the account was found admissible. */
export function reserve(account: PooledAccount, ask: Ask, nowMs: number): Reservation {
  const reservation = new Reservation(account, ask, nowMs);
  account.inFlight += 1;
  account.standing.noteStart(reservation);
  account.standingOf(ask.model)?.noteStart(reservation);
  account.sharedLimit.noteStart(reservation, nowMs);
  return reservation;
}

/** Gives the slot back and replaces the estimate by what was used. */
export function release(reservation: Reservation, used: CallTokens, nowMs: number): void {
  const { account } = reservation;
  account.windows.settle(reservation.charges, used, nowMs);
  account.inFlight -= 1;
  account.standing.noteEnd(reservation);
  account.standingOf(reservation.model)?.noteEnd(reservation);
  account.sharedLimit.noteEnd(reservation);
}
