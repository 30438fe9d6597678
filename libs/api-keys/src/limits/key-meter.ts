import { DomainError, type Clock, type NanoUsd, type TokenPrice, type TokenUsage } from '#kernel';
import type { Counter } from '#observability';
import type { KeyBudget } from './key-budget.js';
import type { KeyLimits, LimitHold, LimitRefusal, LimitStore } from './limit-store.js';

/** A call before it is sent. */
export interface MeteredCall {
  readonly callId: string;
  readonly inputTokens: number;
  /** The caller's own bound; `null`: it set none. */
  readonly maxOutputTokens: number | null;
  /** Of the target that comes first; `null`: it has none. */
  readonly price: TokenPrice | null;
}

/** A call that may go on. */
export interface MeterHold {
  /** Ends the call, however it ended. The first time counts; never throws. */
  settle(tokens: TokenUsage, costNanoUsd: NanoUsd | null): void;
}

/** What meters work with. */
export interface MeterParts {
  readonly store: LimitStore;
  readonly clock: Clock;
  /** Counts refusals by `limit`. */
  readonly refusals: Counter;
}

/** Output expected of the first call of a key, tokens. */
const firstOutput = 500;
/** Weight of the latest call in the mean. */
const latest = 0.1;

/** Keeps one key within its limits and its budget. Lives as long as the key has any, whatever is changed of it. */
export class KeyMeter {
  private meanOutput = firstOutput;

  constructor(
    private readonly apiKeyId: string,
    private readonly parts: MeterParts,
    /** `null`: no limit at all. */
    public limits: KeyLimits | null,
    /** `null`: spends without bound. */
    public budget: KeyBudget | null,
  ) {}

  /**
   * Sets aside what a call is expected to use.
   *
   * @returns a hold that must be settled, or why the call may not go on now: `rate_limit_exceeded`, `budget_exceeded`. A
   *   promise only where limits are shared with other processes
   */
  admit(call: MeteredCall): MeterHold | DomainError | Promise<MeterHold | DomainError> {
    const { inputTokens, maxOutputTokens, price } = call;
    const output = Math.min(this.meanOutput, maxOutputTokens ?? Infinity);
    const cost =
      price === null ? 0 : Math.round(inputTokens * price.inputNanoUsd + output * price.outputNanoUsd);
    const { budget, limits } = this;
    const nowMs = this.parts.clock.nowMs();
    const unpaid = budget?.reserve(cost, nowMs) ?? null;
    if (unpaid !== null) return this.refuse(`${unpaid.period}_budget`, overBudget(unpaid));
    if (limits === null) return new Hold(this, null, budget, cost);
    const tokens = inputTokens + output;
    const taken = this.parts.store.take({ subject: this.apiKeyId, callId: call.callId, limits, tokens });
    if (!(taken instanceof Promise)) return this.afterTaking(taken, limits, budget, cost);
    return taken.then((verdict) => this.afterTaking(verdict, limits, budget, cost));
  }

  /** Learns how long answers of this key are. */
  noteOutput(tokens: number): void {
    this.meanOutput += latest * (tokens - this.meanOutput);
  }

  /** ms since the epoch. */
  nowMs(): number {
    return this.parts.clock.nowMs();
  }

  private afterTaking(
    verdict: LimitHold | LimitRefusal,
    limits: KeyLimits,
    budget: KeyBudget | null,
    cost: number,
  ): MeterHold | DomainError {
    if (verdict.kind === 'taken') return new Hold(this, verdict, budget, cost);
    budget?.settle(cost, 0, this.parts.clock.nowMs());
    return this.refuse(verdict.by, overLimit(verdict, limits));
  }

  private refuse(limit: string, error: DomainError): DomainError {
    this.parts.refusals.increment({ limit });
    return error;
  }
}

class Hold implements MeterHold {
  private isOpen = true;

  constructor(
    private readonly meter: KeyMeter,
    private readonly limits: LimitHold | null,
    private readonly budget: KeyBudget | null,
    private readonly reservedNanoUsd: number,
  ) {}

  settle({ input, output }: TokenUsage, costNanoUsd: NanoUsd | null): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    if (output > 0) this.meter.noteOutput(output);
    this.limits?.settle(input + output);
    this.budget?.settle(this.reservedNanoUsd, Number(costNanoUsd ?? 0n), this.meter.nowMs());
  }
}

const units = { rpm: 'requests a minute', tpm: 'tokens a minute', maxConcurrency: 'calls at once' } as const;

function overLimit({ by, retryAfterMs }: LimitRefusal, limits: KeyLimits): DomainError {
  return new DomainError('rate_limit_exceeded', `The API key has used up its ${limits[by]} ${units[by]}.`, {
    retryAfterSeconds: inSeconds(retryAfterMs),
  });
}

function overBudget({ period, retryAfterMs }: { period: string; retryAfterMs: number }): DomainError {
  return new DomainError('budget_exceeded', `The API key has used up its budget of the ${period}.`, {
    retryAfterSeconds: inSeconds(retryAfterMs),
  });
}

const inSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
