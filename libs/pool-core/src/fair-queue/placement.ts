import type { AccountId, Random } from '#kernel';
import type { AccountPool } from '../account-pool.js';
import type { Ask } from '../ask.js';
import { awaitedAccount } from '../affinity/affinity.js';
import type { Reservation } from '../reservation.js';
import type { PooledAccount } from '../pooled-account.js';
import { reserveNow } from '../select-account.js';

/** Which account admits an ask first if nothing else happens, and from when, ms since the epoch. */
export interface Readiness {
  readonly accountId: AccountId;
  readonly fromMs: number;
  /** What else of the pool the ask waits for: accounts that share the limit it waits for; empty most of the time. */
  readonly sharedWith: readonly AccountId[];
}

/** What a waiting room needs of the pool it waits for. */
export interface Placement {
  /** Number of accounts. */
  readonly size: number;
  /** Chooses an account and takes what the ask needs of it; `null` when none admits it now. */
  place(ask: Ask, nowMs: number): Reservation | null;
  /** The account that a patient call waits for, and from when it is ready; `null` when any account will do. */
  awaited(ask: Ask, nowMs: number): Readiness | null;
  /** `null` when only an event brings an account: a call ends, a person acts. Exact in pools of up to 128 accounts. */
  readyFirst(ask: Ask, nowMs: number): Readiness | null;
  /** How much of the pool an ask takes, in ms of the refill of all accounts by the limit it strains most; > 0. */
  loadOf(ask: Ask, nowMs: number): number;
}

/** Places asks in a pool of this process. */
export function placementIn(pool: AccountPool, random: Random): Placement {
  return {
    get size() {
      return pool.accounts.length;
    },
    place: (ask, nowMs) => reserveNow(pool, ask, nowMs, random),
    awaited: (ask, nowMs) => awaited(pool, ask, nowMs),
    readyFirst: (ask, nowMs) => readyFirst(pool, ask, nowMs, random),
    loadOf: (ask, nowMs) => pool.throughput.loadOf(ask, nowMs),
  };
}

function awaited(pool: AccountPool, ask: Ask, nowMs: number): Readiness | null {
  const warm = awaitedAccount(pool, ask, nowMs);
  return warm === null ? null : readinessOf(warm.account, ask, Math.max(nowMs, warm.fromMs), nowMs);
}

function readyFirst(pool: AccountPool, ask: Ask, nowMs: number, random: Random): Readiness | null {
  const { account, fromMs } = pool.lanes.readyFirst(ask, nowMs, random);
  if (account === null) return null;
  return readinessOf(account, ask, Math.max(fromMs, pool.sharedLimit.readyFromMs(nowMs)), nowMs);
}

function readinessOf({ id, group }: PooledAccount, ask: Ask, fromMs: number, nowMs: number): Readiness {
  const waitsForGroup = group !== null && group.windows.admitsFromMs(ask, nowMs) > nowMs;
  return { accountId: id, fromMs, sharedWith: waitsForGroup ? group.members.map((one) => one.id) : nobody };
}

const nobody: readonly AccountId[] = Object.freeze([]);
