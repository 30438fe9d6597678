import { Dice } from '../engine/dice.js';
import { Conversations } from './conversations.js';
import type { SimCall } from './sim-call.js';

/** What callers do. */
export interface WorkloadSpec {
  /** Tokens wanted per second, on average. */
  readonly tokensPerSecond: number;
  /**
   * `bursty`: 30 s at half the rate, 10 s at two and a half times, in the mean. `flash`: 20 s of every 3 min at five
   * times the rate, else at half of it.
   */
  readonly arrivals: 'poisson' | 'bursty' | 'flash';
  /** Whether calls are turns of conversations, with growing prompts. */
  readonly conversations: boolean;
  /** Median prompt of a single call, tokens. */
  readonly promptTokens: number;
}

/** Callers there are; the n-th calls 1/n as often as the first. */
export const callers = 10_000;
const longestAnswer = 4_096;
/** The others are answered in one piece. */
const streamedShare = 0.5;
const samples = 50_000;
const phases = {
  poisson: { calm: { rate: 1, ms: Infinity }, rush: { rate: 1, ms: Infinity }, byChance: false },
  bursty: { calm: { rate: 0.5, ms: 30_000 }, rush: { rate: 2.5, ms: 10_000 }, byChance: true },
  flash: { calm: { rate: 0.5, ms: 160_000 }, rush: { rate: 5, ms: 20_000 }, byChance: false },
} as const;

/** Draws calls in order of arrival, without end. */
export class Workload {
  private readonly sizes: Dice;
  private readonly times: Dice;
  private readonly phases: Dice;
  private readonly kinds: Dice;
  private readonly conversations: Conversations | null;
  private readonly meanGapMs: number;
  private readonly zipf = cumulativeZipf(callers);
  private isRush = false;
  private phaseEndsMs: number;
  private nowMs: number;
  private count = 0;

  constructor(
    private readonly spec: WorkloadSpec,
    seed: number,
    startMs: number,
  ) {
    this.sizes = new Dice(seed, 'sizes');
    this.times = new Dice(seed, 'times');
    this.phases = new Dice(seed, 'phases');
    this.kinds = new Dice(seed, 'kinds');
    this.conversations = spec.conversations
      ? new Conversations(new Dice(seed, 'conversations'), startMs)
      : null;
    this.nowMs = startMs;
    this.phaseEndsMs = startMs + this.phaseMs();
    this.meanGapMs = (1_000 * meanTokens(spec)) / spec.tokensPerSecond;
  }

  next(): SimCall {
    this.nowMs += this.gapMs();
    return this.draw();
  }

  private gapMs(): number {
    const { times, nowMs } = this;
    const { calm, rush } = phases[this.spec.arrivals];
    let gapMs = 0;
    for (;;) {
      const aheadMs = times.exponential(this.meanGapMs / (this.isRush ? rush : calm).rate);
      if (nowMs + gapMs + aheadMs < this.phaseEndsMs) return gapMs + aheadMs;
      gapMs = this.phaseEndsMs - nowMs;
      this.isRush = !this.isRush;
      this.phaseEndsMs += this.phaseMs();
    }
  }

  private phaseMs(): number {
    const { calm, rush, byChance } = phases[this.spec.arrivals];
    const { ms } = this.isRush ? rush : calm;
    return byChance ? this.phases.exponential(ms) : ms;
  }

  private draw(): SimCall {
    const { sizes } = this;
    this.count += 1;
    const outputTokens = answerTokens(sizes);
    const turn = this.conversations?.next(this.nowMs, outputTokens) ?? null;
    const inputTokens = turn?.inputTokens ?? promptTokens(this.spec, sizes);
    return {
      id: this.count,
      caller: this.drawCaller(),
      arriveMs: this.nowMs,
      inputTokens,
      estimatedInputTokens: Math.max(1, Math.round(sizes.logNormal(inputTokens, 0.1))),
      outputTokens,
      maxOutputTokens: drawBound(sizes, outputTokens),
      conversation: turn?.id ?? null,
      prefixTokens: turn?.prefixTokens ?? 0,
      wireMs: Math.min(500, sizes.logNormal(20, 0.6)),
      slowness: Math.min(20, sizes.logNormal(1, 0.4)),
      streams: this.kinds.next() < streamedShare,
      returns: 0,
    };
  }

  private drawCaller(): number {
    const target = this.sizes.next();
    let low = 0;
    let high = callers - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.zipf[middle] as number) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Log-normal with a Pareto tail: one of twenty prompts is a document. */
function promptTokens(spec: WorkloadSpec, dice: Dice): number {
  const isDocument = dice.next() < 0.05;
  const tokens = isDocument
    ? dice.pareto(4 * spec.promptTokens, 1.5)
    : dice.logNormal(spec.promptTokens, 0.8);
  return Math.max(1, Math.round(Math.min(40 * spec.promptTokens, tokens)));
}

function answerTokens(dice: Dice): number {
  return Math.max(1, Math.round(Math.min(longestAnswer, dice.logNormal(180, 0.9))));
}

/** Most callers set no bound, some the largest, a few one that fits. */
function drawBound(dice: Dice, outputTokens: number): number | null {
  const kind = dice.next();
  if (kind < 0.6) return null;
  return kind < 0.85 ? longestAnswer : Math.ceil(outputTokens * (1 + dice.next()));
}

function meanTokens(spec: WorkloadSpec): number {
  const dice = new Dice(1, 'mean');
  const conversations = spec.conversations ? new Conversations(dice, 0) : null;
  let total = 0;
  for (let at = 0; at < 2 * samples; at += 1) {
    const output = answerTokens(dice);
    const input = conversations?.next(at * 10, output).inputTokens ?? promptTokens(spec, dice);
    // Conversations begin short: they count from when there are old ones too.
    if (at >= samples) total += input + output;
  }
  return total / samples;
}

function cumulativeZipf(count: number): Float64Array {
  const sums = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) sums[rank] = total += 1 / (rank + 1);
  return sums.map((sum) => sum / total);
}
