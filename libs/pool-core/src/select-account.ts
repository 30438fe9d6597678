import type { AccountId, Random } from '#kernel';
import type { AccountPool } from './account-pool.js';
import { awaitedAccount, preferredAccount } from './affinity/affinity.js';
import type { AccountSet, Ask } from './ask.js';
import { admissibleFromMs, comesToServe, instantOrNull, isAdmissible } from './eligibility.js';
import type { PooledAccount } from './pooled-account.js';
import { Refusals } from './refusals.js';
import type { Reservation } from './reservation.js';

/** Answer to an {@link Ask}. A refusal is a value, no error. */
export type Decision = { readonly kind: 'selected'; readonly reservation: Reservation } | Refused;

/** No account admits an ask now. Costs a few looks, however many accounts there are. */
export interface Refused {
  readonly kind: 'refused';
  /** One for every account of the pool, each found out when it is come to. */
  readonly refusals: Refusals;
  /**
   * The soonest instant, in ms since the epoch, at which an account admits this ask if nothing else happens, of which the call
   * has tried those alone where no other ever does; `null` when only an event can change the answer: a call ends, a person
   * acts. Exact in pools of up to 128 accounts; in larger ones no sooner than that, and right for some account.
   */
  readonly earliestMs: number | null;
  /** Whether an account that serves the model may come to admit the ask by itself: in time, or when a call ends. */
  readonly waitingHelps: boolean;
}

/**
 * Decides which account makes a call, and takes what the call needs of it in the same step, so that two callers can
 * never both take the last unit.
 *
 * The accounts of the lowest tier that can admit the call compete. The one that holds the call's prompt warm goes before;
 * else the pool's strategy chooses among them, unless the call is patient and its warm account is about to be ready. When
 * no account can, the answer says from when on one could, and each why not to whom asks.
 */
export function selectAccount(pool: AccountPool, ask: Ask, nowMs: number, random: Random): Decision {
  const reservation = reserveNow(pool, ask, nowMs, random);
  return reservation === null ? refusalOf(pool, ask, nowMs, random) : { kind: 'selected', reservation };
}

/**
 * As {@link selectAccount}, for those who wait and ask again and again: does without the reasons.
 *
 * @returns `null` when no account admits the ask now
 */
export function reserveNow(pool: AccountPool, ask: Ask, nowMs: number, random: Random): Reservation | null {
  const chosen = chooseAccount(pool, ask, nowMs, random);
  return chosen === null ? null : pool.reserve(chosen, ask, nowMs, random);
}

/** A preferred account never lifts a call to a later tier than the lowest that can admit it. */
function chooseAccount(pool: AccountPool, ask: Ask, nowMs: number, random: Random): PooledAccount | null {
  if (pool.sharedLimit.admitsFromMs(nowMs) > nowMs) return null;
  if (ask.exclude.only !== undefined) return boundAccount(pool, ask.exclude.only, ask, nowMs);
  const preferred = ask.affinity === null ? null : preferredAccount(pool, ask, nowMs, random);
  if (preferred === null && awaitedAccount(pool, ask, nowMs) !== null) return null;
  for (const lane of pool.lanes.of(ask, nowMs, random)) {
    if (preferred !== null && preferred.tier === lane.tier) return lane.measured(preferred, nowMs);
    const chosen = lane.pick(ask, nowMs, random);
    if (chosen !== null) return chosen;
  }
  return null;
}

/** The one account that a call may go to, so far as it admits it. */
function boundAccount(pool: AccountPool, only: AccountId, ask: Ask, nowMs: number): PooledAccount | null {
  const account = pool.account(only);
  if (account === undefined || !isAdmissible(account, ask, nowMs)) return null;
  account.measure(pool.options.breaker.minimumCalls, nowMs);
  return account;
}

/**
 * When it is worth asking again, if nothing else happens, after no account admitted an ask: never after the instant at
 * which one does, possibly before.
 *
 * @returns ms since the epoch; `null` when only an event helps
 */
export function nextChanceMs(pool: AccountPool, ask: Ask, nowMs: number): number | null {
  const fromMs = boundFromMs(pool, ask, nowMs) ?? pool.lanes.nextChanceMs(ask, nowMs);
  return instantOrNull(Math.max(pool.sharedLimit.admitsFromMs(nowMs), fromMs));
}

/** Whether an account that the call has not tried may come to serve it by itself: now, in time, or when a call ends. */
export function mayComeToServe(pool: AccountPool, ask: Ask, nowMs: number, random: Random): boolean {
  return someoneComesToServe(pool, ask, false, nowMs, random);
}

function refusalOf(pool: AccountPool, ask: Ask, nowMs: number, random: Random): Refused {
  return {
    kind: 'refused',
    refusals: new Refusals(pool, ask, nowMs),
    earliestMs: instantOrNull(boundFromMs(pool, ask, nowMs) ?? earliestMs(pool, ask, nowMs, random)),
    waitingHelps: someoneComesToServe(pool, ask, true, nowMs, random),
  };
}

function earliestMs(pool: AccountPool, ask: Ask, nowMs: number, random: Random): number {
  const { fromMs } = pool.lanes.readyFirst(ask, nowMs, random);
  if (fromMs < Infinity || ask.exclude.size === 0) return fromMs;
  return pool.lanes.readyFirst({ ...ask, exclude: nobody }, nowMs, random).fromMs;
}

/** From when the one account admits a call that may go nowhere else; `null` when it may. */
function boundFromMs(pool: AccountPool, ask: Ask, nowMs: number): number | null {
  if (ask.exclude.only === undefined) return null;
  const account = pool.account(ask.exclude.only);
  return account === undefined ? Infinity : admissibleFromMs(account, ask, nowMs);
}

function someoneComesToServe(
  pool: AccountPool,
  ask: Ask,
  alsoTried: boolean,
  nowMs: number,
  random: Random,
): boolean {
  if (ask.exclude.only === undefined) return pool.lanes.someoneComesToServe(ask, alsoTried, nowMs, random);
  const account = pool.account(ask.exclude.only);
  return account !== undefined && comesToServe(account, ask, nowMs);
}

const nobody: AccountSet = new Set<never>();
