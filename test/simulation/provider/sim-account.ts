import type { LimitedUnit, LimitReading } from '#kernel';
import type { AccountLimits } from '#pool-core';
import { unitsOf } from '../workload/counted.js';
import type { SimCall } from '../workload/sim-call.js';
import type { AccountTruth } from './account-truth.js';
import { PromptCache } from './prompt-cache.js';
import { TokenBucket } from './token-bucket.js';

const minuteMs = 60_000;
/** Nobody can use the last of a limit without being refused now and then. */
const safetyMargin = 0.02;
const dayMs = 1_440 * minuteMs;

/** What keeps a call away. */
export interface Shortage {
  readonly unit: LimitedUnit | 'concurrency';
  /** Until it would fit, ms; `null` when nobody can say. */
  readonly waitMs: number | null;
}

function bucketsOf(limits: AccountLimits, nowMs: number): TokenBucket[] {
  const { rpm, tpm, itpm, otpm, rpd, tpd } = limits;
  const all = [
    ['requests', minuteMs, rpm],
    ['tokens', minuteMs, tpm],
    ['input_tokens', minuteMs, itpm],
    ['output_tokens', minuteMs, otpm],
    ['requests', dayMs, rpd],
    ['tokens', dayMs, tpd],
  ] as const;
  return all.flatMap(([unit, windowMs, limit]) =>
    limit === null ? [] : [new TokenBucket(unit, windowMs, limit, nowMs)],
  );
}

/** What is limited as one: an account, or an organisation with all its accounts. */
export class SimQuota {
  readonly buckets: readonly TokenBucket[];
  /** Sent by the gateway and not received yet. */
  readonly onTheWire = new Set<SimCall>();
  /** Tokens of answers under way beyond what admission held. */
  sold = 0;

  constructor(limits: AccountLimits, nowMs: number) {
    this.buckets = bucketsOf(limits, nowMs);
  }
}

/** The truth about one account: what it would admit, what it has served. */
export class SimAccount {
  inFlight = 0;
  /** Since the run began. */
  servedTokens = 0;
  readonly cache = new PromptCache();
  /** Calls on their way to it. */
  private sent = 0;

  constructor(
    readonly truth: AccountTruth,
    /** Its own or its organisation's. */
    readonly quota: SimQuota,
  ) {}

  get buckets(): readonly TokenBucket[] {
    return this.quota.buckets;
  }

  /** The gateway has sent a call. */
  noteSent(call: SimCall): void {
    this.sent += 1;
    this.quota.onTheWire.add(call);
  }

  noteReceived(call: SimCall): void {
    this.sent -= 1;
    this.quota.onTheWire.delete(call);
  }

  /**
   * How free its tightest limit is if it would take a call sent now, with all that is on its way to it and all that its
   * answers under way still cost; 0 when it would not.
   *
   * @param reserve share of each limit that is to be left
   */
  roomFor(call: SimCall, nowMs: number, reserve = 0): number {
    if (this.freeSlots <= 0) return 0;
    let room = 1;
    for (const bucket of this.buckets) {
      const free = this.freeOf(bucket, nowMs, reserve);
      if (free < this.held(call, bucket.unit)) return 0;
      room = Math.min(room, free / bucket.limit);
    }
    return room;
  }

  /** Whether it would take a call sent now and keep a safety margin: the yardstick of refusals. */
  hasRoomFor(call: SimCall, nowMs: number): boolean {
    return this.roomFor(call, nowMs, safetyMargin) > 0;
  }

  /** Calls it could still make besides those under way and on their way. */
  get freeSlots(): number {
    return (this.truth.limits.maxConcurrency ?? Infinity) - this.inFlight - this.sent;
  }

  /** Units it could still take in now beyond all promises and a safety margin; `Infinity` without such a limit. */
  freeUnits(unit: LimitedUnit, nowMs: number): number {
    let free = Infinity;
    for (const bucket of this.buckets) {
      if (bucket.unit === unit) free = Math.min(free, this.freeOf(bucket, nowMs, safetyMargin));
    }
    return Math.max(0, free);
  }

  /** Somebody who is not the gateway makes a call, if the limits allow it. @returns whether they did */
  serveOutsider(input: number, output: number, nowMs: number): boolean {
    const isRefused = this.buckets.some(
      (bucket) => bucket.waitMs(unitsOf(bucket.unit, input, output), nowMs) > 0,
    );
    if (isRefused) return false;
    for (const bucket of this.buckets) bucket.spend(unitsOf(bucket.unit, input, output), nowMs);
    return true;
  }

  /** @returns what keeps it away longest; `null` when the call was admitted and {@link end} must follow */
  admit(call: SimCall, nowMs: number): Shortage | null {
    if (this.inFlight >= (this.truth.limits.maxConcurrency ?? Infinity)) {
      return { unit: 'concurrency', waitMs: null };
    }
    let worst: Shortage | null = null;
    for (const bucket of this.buckets) {
      const waitMs = bucket.waitMs(this.held(call, bucket.unit), nowMs);
      if (waitMs > (worst?.waitMs ?? 0)) worst = { unit: bucket.unit, waitMs };
    }
    if (worst !== null) return worst;
    for (const bucket of this.buckets) bucket.spend(this.held(call, bucket.unit), nowMs);
    this.inFlight += 1;
    this.quota.sold += this.beyondHold(call);
    return null;
  }

  /** The answer has ended: what it really took counts. */
  end(call: SimCall, nowMs: number): void {
    for (const bucket of this.buckets) {
      const used = this.used(call, bucket.unit) - this.held(call, bucket.unit);
      if (used !== 0) bucket.spend(used, nowMs);
    }
    this.inFlight -= 1;
    this.quota.sold -= this.beyondHold(call);
    this.servedTokens += call.inputTokens + call.outputTokens;
  }

  /** What the headers of an answer written now say. */
  readings(nowMs: number): LimitReading[] {
    if (this.truth.candour !== 'headers') return [];
    return this.buckets.map((bucket) => {
      const { unit, windowMs, limit } = bucket;
      const level = bucket.levelAt(nowMs);
      return {
        unit,
        window: windowMs === minuteMs ? 'minute' : 'day',
        limit,
        remaining: Math.max(0, Math.floor(level)),
        resetAtMs: nowMs + ((limit - level) * windowMs) / limit,
      };
    });
  }

  private freeOf(bucket: TokenBucket, nowMs: number, reserve: number): number {
    return bucket.levelAt(nowMs) - this.promised(bucket.unit) - Math.floor(reserve * bucket.limit);
  }

  private promised(unit: LimitedUnit): number {
    let units = unit === 'requests' || unit === 'input_tokens' ? 0 : this.quota.sold;
    for (const call of this.quota.onTheWire) units += this.used(call, unit);
    return units;
  }

  private beyondHold(call: SimCall): number {
    return Math.max(0, call.outputTokens - this.heldAnswer(call));
  }

  private held(call: SimCall, unit: LimitedUnit): number {
    return unitsOf(unit, call.inputTokens, this.heldAnswer(call));
  }

  private used(call: SimCall, unit: LimitedUnit): number {
    return unitsOf(unit, call.inputTokens, call.outputTokens);
  }

  private heldAnswer(call: SimCall): number {
    return heldOf(call, this.truth.answerHold);
  }
}

/** Tokens of an answer that admission holds, of at most so many. */
export const heldOf = ({ maxOutputTokens }: SimCall, answerHold: number): number =>
  Math.min(answerHold, maxOutputTokens ?? Infinity);
