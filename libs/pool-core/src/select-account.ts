import type { Random } from '#kernel';
import type { Refusal } from './account.js';
import type { AccountPool } from './account-pool.js';
import { awaitedAccount, preferredAccount } from './affinity/affinity.js';
import type { Ask } from './ask.js';
import { admissibleFromMs, firstObstacle, instantOrNull } from './eligibility.js';
import type { PooledAccount } from './pooled-account.js';
import type { Reservation } from './reservation.js';

/** Answer to an {@link Ask}. A refusal is a value, no error. */
export type Decision =
  | { readonly kind: 'selected'; readonly reservation: Reservation }
  | {
      readonly kind: 'refused';
      /** One for every account of the pool: the first thing that stands in its way. */
      readonly refusals: readonly Refusal[];
      /**
       * The soonest instant, in ms since the epoch, at which an account admits this ask if nothing else happens;
       * `null` when only an event can change the answer: a call ends, a person acts.
       */
      readonly earliestMs: number | null;
    };

/**
 * Decides which account makes a call, and takes what the call needs of it in the same step, so that two callers can
 * never both take the last unit.
 *
 * The accounts of the lowest tier that can admit the call compete. The one that holds the call's prompt warm goes before;
 * else the pool's strategy chooses among them, unless the call is patient and its warm account is about to be ready. When
 * no account can, each says why, and the answer says from when on one could.
 */
export function selectAccount(pool: AccountPool, ask: Ask, nowMs: number, random: Random): Decision {
  const reservation = reserveNow(pool, ask, nowMs, random);
  return reservation === null ? refusalOf(pool, ask, nowMs) : { kind: 'selected', reservation };
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
  const preferred = ask.affinity === null ? null : preferredAccount(pool, ask, nowMs, random);
  if (preferred === null && awaitedAccount(pool, ask, nowMs) !== null) return null;
  for (const lane of pool.lanes.of(ask, nowMs, random)) {
    if (preferred !== null && preferred.tier === lane.tier) return lane.measured(preferred, nowMs);
    const chosen = lane.pick(ask, nowMs, random);
    if (chosen !== null) return chosen;
  }
  return null;
}

/**
 * When it is worth asking again, if nothing else happens, after no account admitted an ask: never after the instant at
 * which one does, possibly before.
 *
 * @returns ms since the epoch; `null` when only an event helps
 */
export function nextChanceMs(pool: AccountPool, ask: Ask, nowMs: number): number | null {
  return instantOrNull(Math.max(pool.sharedLimit.admitsFromMs(nowMs), pool.lanes.nextChanceMs(ask, nowMs)));
}

function refusalOf(pool: AccountPool, ask: Ask, nowMs: number): Decision {
  const refusals: Refusal[] = [];
  let earliestMs = Infinity;
  for (const account of pool.accounts) {
    const obstacle = firstObstacle(account, ask, nowMs);
    if (obstacle !== null) refusals.push({ accountId: account.id, ...obstacle });
    earliestMs = Math.min(earliestMs, admissibleFromMs(account, ask, nowMs));
  }
  return { kind: 'refused', refusals, earliestMs: instantOrNull(earliestMs) };
}
