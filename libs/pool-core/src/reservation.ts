import type { AccountId, TokenUsage } from '#kernel';
import type { Ask } from './ask.js';
import type { PooledAccount } from './pooled-account.js';
import type { WindowName } from './rate-window/account-windows.js';
import type { RateWindow } from './rate-window/rate-window.js';

/** Tokens of a call, estimated or real. */
export type CallTokens = Pick<TokenUsage, 'input' | 'output'>;

/** What a reservation took of one window. */
export interface Charge {
  readonly window: RateWindow<WindowName>;
  readonly amount: number;
  /** The window's ledger just before. */
  readonly spentBefore: number;
}

/** One request, the estimated tokens and one slot, held on one account until it is settled. */
export class Reservation {
  /** When its holder last said that the call is still under way, ms since the epoch. */
  aliveAtMs: number;
  isSettled = false;
  readonly model: string;
  readonly tokens: CallTokens;
  readonly charges: readonly Charge[];

  constructor(
    readonly account: PooledAccount,
    ask: Ask,
    /** ms since the epoch. */
    readonly takenAtMs: number,
  ) {
    this.aliveAtMs = takenAtMs;
    this.model = ask.model;
    this.tokens = { input: ask.inputTokens, output: ask.outputTokens };
    this.charges = account.windows.limited.map((window) => ({
      window,
      spentBefore: window.spent,
      amount: window.take(window.costOf(ask.inputTokens, ask.outputTokens), takenAtMs),
    }));
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
  for (const { window, amount } of reservation.charges) {
    window.settle(amount, window.costOf(used.input, used.output), nowMs);
  }
  account.inFlight -= 1;
  account.standing.noteEnd(reservation);
  account.standingOf(reservation.model)?.noteEnd(reservation);
  account.sharedLimit.noteEnd(reservation);
}
