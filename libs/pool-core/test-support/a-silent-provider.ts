import { anAsk, aFailure, failedBy, seeded, usage } from './a-pool.js';
import type { PoolInTime } from './a-pool.js';
import type { Reservation } from '../src/reservation.js';

/** How long an answer and a refusal take. */
const answerMs = 2_000;
const refusalMs = 50;
const stepMs = 50;

/** What was offered in a span, and what became of it. */
export interface Span {
  readonly passed: number;
  readonly passedTokens: number;
  readonly refused: number;
}

/** A bucket as providers keep it. Written apart from the pool's own, to be its judge. */
class Bucket {
  private level: number;
  private atMs = 0;

  constructor(public perMinute: number) {
    this.level = perMinute;
  }

  admits(units: number, nowMs: number): boolean {
    this.level = Math.min(this.perMinute, this.level + ((nowMs - this.atMs) * this.perMinute) / 60_000);
    this.atMs = nowMs;
    return this.level >= units;
  }

  take(units: number): void {
    this.level -= units;
  }
}

/** One account of a provider that says nothing but 429, and callers who want more of it than it has. */
export class SilentProvider {
  readonly requests: Bucket;
  readonly tokens: Bucket;
  /** Whether it refuses everything, as when a day's limit is used up. */
  isShut = false;
  private readonly dice;
  private readonly underWay: {
    endsMs: number;
    reservation: Reservation;
    isServed: boolean;
    tokens: number;
  }[] = [];

  /**
   * @param limits per minute
   * @param offered calls per minute
   */
  constructor(
    readonly pool: PoolInTime,
    limits: { readonly rpm: number; readonly tpm: number },
    private readonly offered: number,
    seed = 1,
  ) {
    this.requests = new Bucket(limits.rpm);
    this.tokens = new Bucket(limits.tpm);
    this.dice = seeded(seed);
  }

  /** Lets calls of 100 to 1,900 tokens come for a while. */
  run(minutes: number): Span {
    const span = { passed: 0, passedTokens: 0, refused: 0 };
    const untilMs = this.pool.nowMs + minutes * 60_000;
    while (this.pool.nowMs < untilMs) {
      this.pool.pass(stepMs);
      this.settleEnded(span);
      for (let due = (this.offered * stepMs) / 60_000; due > 0; due -= 1) {
        if (due >= 1 || this.dice() < due) this.arrive();
      }
    }
    return span;
  }

  private arrive(): void {
    const { pool } = this;
    const tokens = 100 + Math.floor(1_800 * this.dice());
    const decision = pool.select(anAsk({ inputTokens: tokens, outputTokens: 0 }));
    if (decision.kind === 'refused') return;
    const { nowMs } = pool;
    const fits = this.requests.admits(1, nowMs) && this.tokens.admits(tokens, nowMs);
    const isServed = fits && !this.isShut;
    if (isServed) this.requests.take(1);
    if (isServed) this.tokens.take(tokens);
    const endsMs = nowMs + (isServed ? answerMs : refusalMs);
    this.underWay.push({ endsMs, reservation: decision.reservation, isServed, tokens });
  }

  private settleEnded(span: { passed: number; passedTokens: number; refused: number }): void {
    const { pool, underWay } = this;
    const ended = underWay.filter(({ endsMs }) => endsMs <= pool.nowMs);
    for (const call of ended) {
      underWay.splice(underWay.indexOf(call), 1);
      const { isServed, tokens, reservation } = call;
      span.passed += isServed ? 1 : 0;
      span.refused += isServed ? 0 : 1;
      span.passedTokens += isServed ? tokens : 0;
      const served = {
        kind: 'succeeded',
        tokens: usage(tokens, 0),
        limits: [],
        firstByteMs: null,
      } as const;
      pool.settle(reservation, isServed ? served : failedBy(aFailure('rate_limited')));
    }
  }
}
