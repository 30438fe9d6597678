import type { Clock } from '#kernel';
import {
  LimitStore,
  slotRetryMs,
  type KeyLimits,
  type LimitAsk,
  type LimitHold,
  type LimitRefusal,
} from './limit-store.js';
import { decay, waitMs, type Spent } from './spent.js';

interface Usage {
  readonly requests: Spent;
  readonly tokens: Spent;
  open: number;
}

/** Far more than keys that are used within a minute; beyond, those whose last use is longest ago are forgotten. */
const mostSubjects = 50_000;

/** Counts in this process alone: a map look-up and some sums a call. */
export class MemoryLimitStore extends LimitStore {
  /** In order of last use. */
  private readonly usages = new Map<string, Usage>();

  constructor(private readonly clock: Clock) {
    super();
  }

  /** Subjects that are remembered. */
  get size(): number {
    return this.usages.size;
  }

  override take({ subject, limits, tokens }: LimitAsk): LimitHold | LimitRefusal {
    const nowMs = this.clock.nowMs();
    const usage = this.usageOf(subject, nowMs);
    const refusal = refusalOf(usage, limits, tokens, nowMs);
    if (refusal !== null) return refusal;
    const { rpm } = limits;
    usage.requests.amount += 1;
    usage.tokens.amount += tokens;
    usage.open += 1;
    return new Hold(usage, tokens, rpm === null ? Infinity : Math.max(0, rpm - usage.requests.amount));
  }

  private usageOf(subject: string, nowMs: number): Usage {
    const known = this.usages.get(subject);
    if (known !== undefined) {
      this.usages.delete(subject);
      this.usages.set(subject, known);
      return known;
    }
    if (this.usages.size >= mostSubjects) this.forgetOldest();
    const usage = { requests: { amount: 0, atMs: nowMs }, tokens: { amount: 0, atMs: nowMs }, open: 0 };
    this.usages.set(subject, usage);
    return usage;
  }

  private forgetOldest(): void {
    for (const [subject, { open }] of this.usages) {
      if (open > 0) continue;
      this.usages.delete(subject);
      return;
    }
  }
}

function refusalOf(
  { requests, tokens, open }: Usage,
  { rpm, tpm, maxConcurrency }: KeyLimits,
  asked: number,
  nowMs: number,
): LimitRefusal | null {
  decay(requests, rpm, nowMs);
  decay(tokens, tpm, nowMs);
  const rpmMs = rpm === null ? 0 : waitMs(requests, rpm, 1);
  const tpmMs = tpm === null ? 0 : waitMs(tokens, tpm, asked);
  if (rpmMs > 0 || tpmMs > 0) {
    return { kind: 'refused', by: rpmMs >= tpmMs ? 'rpm' : 'tpm', retryAfterMs: Math.max(rpmMs, tpmMs) };
  }
  if (maxConcurrency === null || open < maxConcurrency) return null;
  return { kind: 'refused', by: 'maxConcurrency', retryAfterMs: slotRetryMs };
}

class Hold implements LimitHold {
  readonly kind = 'taken';
  private isOpen = true;

  constructor(
    private readonly usage: Usage,
    private readonly reserved: number,
    readonly requestsLeft: number,
  ) {}

  settle(tokensUsed: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { tokens } = this.usage;
    this.usage.open -= 1;
    tokens.amount = Math.max(0, tokens.amount + tokensUsed - this.reserved);
  }
}
