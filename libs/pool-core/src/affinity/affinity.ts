import type { Random } from '#kernel';
import type { AccountPool } from '../account-pool.js';
import type { Ask } from '../ask.js';
import { admissibleFromMs, isAdmissible } from '../eligibility.js';
import type { PooledAccount } from '../pooled-account.js';
import { memoryMs } from './recent-load.js';

/** An account may carry this many times what another carries for its weight before its calls move there. */
const loadBound = 1.25;
/** Calls it may be ahead beside that, and calls at once that are no burden: one busy conversation stays where it is. */
const lightCalls = 4;
/** Calls it may have had beyond its share, more if its limits refill more within this time: a twelfth of what they grant per minute. */
const leastCallsAhead = 3;
const longestAheadMs = 5_000;
/** Who has carried less than this share of its limits of late has room for uneven days: nothing moves for being ahead of it. */
const busyShare = 0.5;

/**
 * The account whose prompt cache holds the beginning of this prompt, whether or not it can admit the call now.
 *
 * @returns `null` when there is none, or this call has tried it already
 */
export function warmAccount(pool: AccountPool, ask: Ask, nowMs: number): PooledAccount | null {
  if (ask.affinity === null || pool.warmPlaces === null) return null;
  const holder = pool.warmPlaces.holderOf(ask.affinity, nowMs);
  if (holder === null || pool.account(holder.id) !== holder) return null;
  return ask.exclude.has(holder.id) ? null : holder;
}

/**
 * The account an ask prefers to the strategy's choice: its warm one, if that can admit it now. If it has carried more
 * for its weight than another one, drawn at random, then that one, so that neither a few long conversations nor a key which
 * many calls share make an account hot. One draw is enough: an overloaded account is found out within a few calls, at a cost
 * that does not grow with the pool.
 */
export function preferredAccount(
  pool: AccountPool,
  ask: Ask,
  nowMs: number,
  random: Random,
): PooledAccount | null {
  const warm = warmAccount(pool, ask, nowMs);
  if (warm === null) return null;
  const drawn = pool.accounts[Math.floor(random() * pool.accounts.length)] ?? warm;
  if (relieves(pool, drawn, warm, ask, nowMs)) return drawn;
  return isAdmissible(warm, ask, nowMs) ? warm : null;
}

/** How likely {@link preferredAccount} names which account; what is missing to 1 is left to the strategy. */
export function preferredShares(pool: AccountPool, ask: Ask, nowMs: number): Map<PooledAccount, number> {
  const shares = new Map<PooledAccount, number>();
  const warm = warmAccount(pool, ask, nowMs);
  if (warm === null) return shares;
  const reliefs = pool.accounts.filter((drawn) => relieves(pool, drawn, warm, ask, nowMs));
  for (const relief of reliefs) shares.set(relief, 1 / pool.accounts.length);
  if (isAdmissible(warm, ask, nowMs)) shares.set(warm, 1 - reliefs.length / pool.accounts.length);
  return shares;
}

/**
 * The warm account of an ask that is patient, and from when it admits the ask.
 *
 * @returns `null` when the ask is not patient (any more) or would wait in vain: then any account will do
 */
export function awaitedAccount(
  pool: AccountPool,
  ask: Ask,
  nowMs: number,
): { readonly account: PooledAccount; readonly fromMs: number } | null {
  if (ask.patientUntilMs === undefined || ask.patientUntilMs <= nowMs) return null;
  const account = warmAccount(pool, ask, nowMs);
  if (account === null || account.tier !== pool.accounts[0]?.tier) return null;
  const fromMs = admissibleFromMs(account, ask, nowMs);
  return fromMs <= ask.patientUntilMs ? { account, fromMs } : null;
}

/** Whether an account should take a call over from a warm one that carries too much. */
function relieves(
  pool: AccountPool,
  other: PooledAccount,
  warm: PooledAccount,
  ask: Ask,
  nowMs: number,
): boolean {
  if (other === warm || other.tier !== warm.tier) return false;
  const isTooMuch = isAhead(pool, warm, other, ask, nowMs) || isHotter(pool, warm, other, ask, nowMs);
  return isTooMuch && isAdmissible(other, ask, nowMs);
}

/** Whether an account has had more than its share, by turns, than another that is busy, too. */
function isAhead(
  pool: AccountPool,
  warm: PooledAccount,
  other: PooledAccount,
  { model }: Ask,
  nowMs: number,
): boolean {
  const callsAhead = pool.lanes.callsAhead(warm, model);
  if (callsAhead <= leastCallsAhead) return false;
  if (pool.refillMs(other, other.recentLoad.at(nowMs)) < busyShare * memoryMs) return false;
  const { usual } = pool.turnSize;
  const aheadMs = pool.refillMs(warm, callsAhead * usual);
  return aheadMs - pool.refillMs(other, pool.lanes.callsAhead(other, model) * usual) > longestAheadMs;
}

/** Whether an account is busy and carries far more for its weight than another. */
function isHotter(
  pool: AccountPool,
  warm: PooledAccount,
  other: PooledAccount,
  ask: Ask,
  nowMs: number,
): boolean {
  if (warm.inFlight <= lightCalls && warm.windowHeadroomAt(nowMs) === 1) return false;
  const carried = warm.recentLoad.at(nowMs) - lightCalls * pool.throughput.loadOf(ask, nowMs);
  return carried * other.weight > loadBound * other.recentLoad.at(nowMs) * warm.weight;
}
