import { takeNews, hearNews, splitLimits } from '../src/sharing/pool-news.js';
import type { AccountSpec } from '../src/account.js';
import type { PooledAccount } from '../src/pooled-account.js';
import type { Reservation } from '../src/reservation.js';
import { PoolInTime, idOf, seeded } from './a-pool.js';

/** As many accounts as there may be news of. */
export const all = 1_000;

/** Processes with the same accounts, and one clock. */
export class Replicas {
  readonly pools: readonly PoolInTime[];

  constructor(count: number, specs: readonly AccountSpec[]) {
    this.pools = Array.from({ length: count }, () => new PoolInTime(specs));
    for (const { pool, nowMs } of this.pools) takeNews(pool, all, nowMs);
  }

  of(index: number): PoolInTime {
    return this.pools[index] as PoolInTime;
  }

  account(index: number, id = 'a'): PooledAccount {
    return this.of(index).pool.account(idOf(id)) as PooledAccount;
  }

  pass(ms: number): void {
    for (const one of this.pools) one.pass(ms);
  }

  /** Everybody hears what everybody has to tell. @returns how much that was */
  tell(): number {
    // As it travels.
    const news = this.pools.map(
      ({ pool, nowMs }) => JSON.parse(JSON.stringify(takeNews(pool, all, nowMs))) as never[],
    );
    for (const [from, told] of news.entries()) {
      for (const [to, { pool, nowMs }] of this.pools.entries())
        if (to !== from) hearNews(pool, `process ${from}`, told, nowMs);
    }
    return news.flat().length;
  }

  split(shares: number): void {
    for (const { pool, nowMs } of this.pools) splitLimits(pool, shares, nowMs);
  }
}

/** Calls until one is refused. */
export const untilRefused = (pool: PoolInTime): Reservation[] => {
  const calls: Reservation[] = [];
  for (let next = pool.select(); next.kind === 'selected'; next = pool.select()) calls.push(next.reservation);
  return calls;
};

/** Calls come by chance, at each replica, for so long; when they were admitted. */
export function admittedBy(replicas: Replicas, { ms, everyMs }: { ms: number; everyMs: number }): number[] {
  const random = seeded(3);
  const admitted: number[] = [];
  for (let atMs = 0; atMs < ms; atMs += 10) {
    for (const pool of replicas.pools) {
      if (random() > 0.25) continue;
      const decision = pool.select();
      if (decision.kind === 'refused') continue;
      admitted.push(atMs);
      pool.settle(decision.reservation);
    }
    replicas.pass(10);
    if (everyMs > 0 && atMs % everyMs === 0) replicas.tell();
  }
  return admitted;
}

/** The most calls of any span beyond what a limit lets through in it. */
export function overshoot(admitted: readonly number[], capacity: number, perMs: number): number {
  let most = -Infinity;
  let fewest = Infinity;
  for (const [before, atMs] of admitted.entries()) {
    fewest = Math.min(fewest, before - perMs * atMs);
    most = Math.max(most, before + 1 - perMs * atMs - fewest - capacity);
  }
  return most;
}
