import { limitNames, limitTable } from '../scenario/limits.js';
import type { LimitName, LimitsSpec, LimitUnit } from '../scenario/limits.js';
import { TokenBucket } from './token-bucket.js';

/** What one call takes, by unit. */
export type Cost = Readonly<Record<LimitUnit, number>>;

/** One limit as a limit header tells it. */
export interface LimitView {
  readonly name: LimitName;
  readonly limit: number;
  /** Whole units left. */
  readonly remaining: number;
  /** Milliseconds until all of it is there again. */
  readonly fullInMs: number;
}

/** A limit in the way of a call. */
export interface Shortage {
  readonly view: LimitView;
  readonly requested: number;
  /** Infinity when the call alone exceeds the limit. */
  readonly waitMs: number;
}

/** The limits of one key or one organisation, and the calls running under them. */
export class Quota {
  readonly #buckets: readonly (readonly [LimitName, TokenBucket])[];
  readonly maxConcurrency: number;
  running = 0;

  constructor(spec: LimitsSpec, nowMs: number) {
    this.maxConcurrency = spec.maxConcurrency ?? Infinity;
    this.#buckets = limitNames.flatMap((name) => {
      const limit = spec[name];
      return limit === undefined ? [] : [[name, new TokenBucket(limit, limitTable[name].windowMs, nowMs)]];
    });
  }

  /** The limit that keeps this call away the longest, if any does. */
  shortage(cost: Cost, nowMs: number): Shortage | undefined {
    let worst: Shortage | undefined;
    for (const [name, bucket] of this.#buckets) {
      const requested = cost[limitTable[name].unit];
      const waitMs = bucket.waitMs(requested, nowMs);
      if (waitMs > (worst?.waitMs ?? 0)) worst = { view: view(name, bucket, nowMs), requested, waitMs };
    }
    return worst;
  }

  take(cost: Cost, nowMs: number): void {
    for (const [name, bucket] of this.#buckets) bucket.take(cost[limitTable[name].unit], nowMs);
  }

  views(nowMs: number): readonly LimitView[] {
    return this.#buckets.map(([name, bucket]) => view(name, bucket, nowMs));
  }
}

function view(name: LimitName, bucket: TokenBucket, nowMs: number): LimitView {
  return {
    name,
    limit: bucket.capacity,
    remaining: Math.max(0, Math.floor(bucket.level(nowMs) + 1e-6)),
    fullInMs: bucket.fullInMs(nowMs),
  };
}

/** For each limit name the view with the least left: what a provider reports where key and organisation both limit. */
export function tightest(quotas: readonly Quota[], nowMs: number): readonly LimitView[] {
  const views = quotas.flatMap((quota) => quota.views(nowMs));
  if (quotas.length < 2) return views;
  const byName = new Map<LimitName, LimitView>();
  for (const each of views) {
    const known = byName.get(each.name);
    if (known === undefined || each.remaining < known.remaining) byName.set(each.name, each);
  }
  return [...byName.values()];
}
