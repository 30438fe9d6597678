import type { AccountId, Random } from '#kernel';
import type { AccountPool } from '../account-pool.js';
import type { Ask } from '../ask.js';
import { awaitedAccount } from '../affinity/affinity.js';
import { isAdmissibleButForLimits } from '../eligibility.js';
import type { Reservation } from '../reservation.js';
import type { PooledAccount } from '../pooled-account.js';
import { ReadySearch } from '../scheduling/ready-search.js';
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
  /** As `place`, for a call that is refused otherwise: an account may give of its safety margins. */
  placeInNeed(ask: Ask, nowMs: number): Reservation | null;
  /** The account that a patient call waits for, and from when it is ready; `null` when any account will do. */
  awaited(ask: Ask, nowMs: number): Readiness | null;
  /** `null` when only an event brings an account: a call ends, a person acts. Exact in pools of up to 128 accounts. */
  readyFirst(ask: Ask, nowMs: number): Readiness | null;
  /** What is left of all limits, ms of the refill of all accounts, at most 30,000; of more than 32 accounts what some say. */
  idleMs(nowMs: number): number;
  /** How much of the pool an ask takes, in ms of the refill of all accounts by the limit it strains most; > 0. */
  loadOf(ask: Ask, nowMs: number): number;
}

/** Accounts looked at for a call in need. */
const mostLooksInNeed = 512;
/** Accounts looked at to say how much is left. */
const mostSamples = 32;
/** What is left of an account whose headroom is 1, at least: half of a minute's limit. */
const comfortableMs = 30_000;

/** Places asks in a pool of this process. */
export function placementIn(pool: AccountPool, random: Random): Placement {
  return {
    get size() {
      return pool.accounts.length;
    },
    place: (ask, nowMs) => reserveNow(pool, ask, nowMs, random),
    placeInNeed: (ask, nowMs) => placeInNeed(pool, ask, nowMs, random),
    awaited: (ask, nowMs) => awaited(pool, ask, nowMs),
    readyFirst: (ask, nowMs) => readyFirst(pool, ask, nowMs, random),
    idleMs: (nowMs) => idleMs(pool.accounts, nowMs, random),
    loadOf: (ask, nowMs) => pool.throughput.loadOf(ask, nowMs),
  };
}

function placeInNeed(pool: AccountPool, ask: Ask, nowMs: number, random: Random): Reservation | null {
  const account = leastInNeed(candidates(pool, ask), ask, nowMs, random);
  if (account === null) return null;
  account.measure(pool.options.breaker.minimumCalls, nowMs);
  return pool.reserve(account, ask, nowMs, random);
}

/** Of the lowest tier that can, the account that gives the least of its safety margins. */
function leastInNeed(
  accounts: readonly PooledAccount[],
  ask: Ask,
  nowMs: number,
  random: Random,
): PooledAccount | null {
  const isOneTier = accounts[0]?.tier === accounts.at(-1)?.tier;
  const first = isOneTier ? Math.floor(random() * accounts.length) : 0;
  const looks = Math.min(accounts.length, mostLooksInNeed);
  let best: PooledAccount | null = null;
  let least = 1;
  for (let look = 0; look < looks; look += 1) {
    const account = accounts[(first + look) % accounts.length] as PooledAccount;
    if (best !== null && account.tier > best.tier) break;
    const gone = marginGone(account, ask, nowMs);
    if (gone > least || !isAdmissibleButForLimits(account, ask, nowMs)) continue;
    best = account;
    least = gone;
  }
  return best;
}

const marginGone = ({ windows, group }: PooledAccount, ask: Ask, nowMs: number): number =>
  Math.max(windows.marginGone(ask, nowMs), group?.windows.marginGone(ask, nowMs) ?? 0);

function idleMs(accounts: readonly PooledAccount[], nowMs: number, random: Random): number {
  const step = Math.max(1, accounts.length / mostSamples);
  let [weights, idle] = [0, 0];
  for (let at = (step - 1) * random(); at < accounts.length; at += step) {
    const account = accounts[Math.floor(at)] as PooledAccount;
    const { weight, standing, group } = account;
    weights += weight;
    if (standing.admitsFromMs(nowMs) > nowMs) continue;
    idle += weight * Math.min(account.headroomAt(nowMs), group?.headroomAt(nowMs) ?? 1);
  }
  return weights === 0 ? 0 : (comfortableMs * idle) / weights;
}

function awaited(pool: AccountPool, ask: Ask, nowMs: number): Readiness | null {
  const warm = awaitedAccount(pool, ask, nowMs);
  return warm === null ? null : readinessOf(warm.account, ask, Math.max(nowMs, warm.fromMs), nowMs);
}

function readyFirst(pool: AccountPool, ask: Ask, nowMs: number, random: Random): Readiness | null {
  const { account, fromMs } = searchReady(pool, ask, nowMs, random);
  if (account === null) return null;
  return readinessOf(account, ask, Math.max(fromMs, pool.sharedLimit.readyFromMs(nowMs)), nowMs);
}

function searchReady(pool: AccountPool, ask: Ask, nowMs: number, random: Random): ReadySearch {
  if (ask.exclude.only === undefined) return pool.lanes.readyFirst(ask, nowMs, random);
  const search = new ReadySearch(ask, nowMs);
  for (const account of candidates(pool, ask)) search.look(account);
  return search;
}

/** All accounts, or the one that the call may go to. */
function candidates(pool: AccountPool, { exclude: { only } }: Ask): readonly PooledAccount[] {
  if (only === undefined) return pool.accounts;
  const account = pool.account(only);
  return account === undefined ? [] : [account];
}

function readinessOf({ id, group }: PooledAccount, ask: Ask, fromMs: number, nowMs: number): Readiness {
  const waitsForGroup = group !== null && group.buckets.allAdmitFromMs(ask, nowMs) > nowMs;
  return { accountId: id, fromMs, sharedWith: waitsForGroup ? group.members.map((one) => one.id) : nobody };
}

const nobody: readonly AccountId[] = Object.freeze([]);
