import type { LimitReading, ProviderFailure } from '#kernel';

/** Models that are known at once; the one learnt from longest ago gives way. */
const mostModels = 1_000;
/** Refusals that prove a hold before it is believed: one may be a limit that nobody tells of. */
const enoughProofs = 3;
/** Without a further proof it is tried, after this time, whether the provider still holds as much. */
const memoryMs = 60 * 60_000;
/** Prompts are estimates: only so many times one leaves no doubt. */
const surely = 1.3;
/** Nobody holds more than this for a call that sets no bound. */
const mostUnbounded = 16_384;

/** A call that was refused for a limit, as it was sent. */
export interface RefusedCall {
  /** Name of the pool. */
  readonly provider: string;
  readonly model: string;
  /** The caller's bound; `null` when it set none. */
  readonly maxOutputTokens: number | null;
  /** Estimated prompt tokens. */
  readonly inputTokens: number;
  /** Generated tokens that were expected. */
  readonly outputTokens: number;
}

/** How it was refused. */
interface Refused {
  readonly failure: ProviderFailure;
  readonly limits: readonly LimitReading[];
}

/** What is held of answers whose callers set a bound, or set none. */
class Hold {
  proofs = 0;
  tokens = 0;
  private provenMs = -Infinity;

  note(tokens: number, nowMs: number): void {
    this.forget(nowMs);
    this.proofs += 1;
    this.tokens = Math.max(this.tokens, tokens);
    this.provenMs = nowMs;
  }

  disprove(): void {
    this.proofs = 0;
    this.tokens = 0;
  }

  at(nowMs: number): number {
    this.forget(nowMs);
    return this.proofs < enoughProofs ? 0 : this.tokens;
  }

  private forget(nowMs: number): void {
    if (nowMs - this.provenMs > memoryMs) this.disprove();
  }
}

interface Holds {
  readonly bounded: Hold;
  readonly unbounded: Hold;
}

/**
 * Learns what a provider holds of an answer that it says nothing about: some count the caller's whole bound against the limit from
 * the beginning of a call to its end. It shows when a call is refused though the provider tells of room for what the call will
 * use: then it holds more than was left beside the prompt.
 */
export class HeldAnswers {
  private readonly holds = new Map<string, Holds>();

  /**
   * Generated tokens that the provider counts for a call until it has ended.
   *
   * @param bound the caller's own; `null` when it set none
   * @returns `undefined` while nothing is known: no more than are expected
   */
  of(provider: string, model: string, bound: number | null, nowMs: number): number | undefined {
    if (this.holds.size === 0) return undefined;
    const holds = this.holds.get(nameOf(provider, model));
    if (holds === undefined) return undefined;
    const held = (bound === null ? holds.unbounded : holds.bounded).at(nowMs);
    return held === 0 ? undefined : Math.min(bound ?? held, held);
  }

  /** Learns from a 429 and what came with it. */
  learn(
    { provider, model, inputTokens, outputTokens, maxOutputTokens }: RefusedCall,
    { failure, limits }: Refused,
    nowMs: number,
  ): void {
    if (failure.class !== 'rate_limited' || failure.scope === 'request' || limits.length === 0) return;
    const left = tokensLeft(limits);
    if (left < surely * inputTokens + 2 * outputTokens) return;
    const held = Math.floor(left - surely * inputTokens);
    const most = maxOutputTokens ?? mostUnbounded;
    const { bounded, unbounded } = this.holdsOf(nameOf(provider, model));
    const hold = maxOutputTokens === null ? unbounded : bounded;
    // Not even the whole bound explains it: a limit that is not told.
    if (held > most) hold.disprove();
    else hold.note(held, nowMs);
  }

  private holdsOf(name: string): Holds {
    const holds = this.holds.get(name) ?? { bounded: new Hold(), unbounded: new Hold() };
    this.holds.delete(name);
    this.holds.set(name, holds);
    const [oldest] = this.holds.keys();
    if (oldest !== undefined && this.holds.size > mostModels) this.holds.delete(oldest);
    return holds;
  }
}

const nameOf = (provider: string, model: string): string => `${provider} ${model}`;

/** What the tightest limit on tokens has left; -Infinity when none was told, or another limit is used up. */
function tokensLeft(said: readonly LimitReading[]): number {
  let left = Infinity;
  for (const { unit, remaining } of said) {
    if (remaining === null) continue;
    if (unit === 'requests' && remaining < 1) return -Infinity;
    if (unit === 'tokens' || unit === 'output_tokens') left = Math.min(left, remaining);
  }
  return left === Infinity ? -Infinity : left;
}
