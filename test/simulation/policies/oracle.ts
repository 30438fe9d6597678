import type { EventQueue } from '../engine/event-queue.js';
import type { SimAccount } from '../provider/sim-account.js';
import type { SimProvider } from '../provider/sim-provider.js';
import { tokensOf } from '../workload/sim-call.js';
import type { Policy, Seeker } from './policy.js';

const longestWaitMs = 2_000;
const lookEveryMs = 20;

/** Knows the true buckets, faults and sizes, and takes the account with most room. May let calls wait as the pool may. */
export class OraclePolicy implements Policy {
  readonly name = 'oracle';
  readonly mostRetries = Infinity;
  /** Small ones first. */
  private waiting: { readonly seeker: Seeker; readonly untilMs: number; readonly tokens: number }[] = [];

  constructor(
    private readonly events: EventQueue,
    private readonly provider: SimProvider,
  ) {}

  seek(seeker: Seeker): void {
    if (this.place(seeker)) return;
    const tokens = tokensOf(seeker.call);
    const behind = this.waiting.findIndex((one) => one.tokens > tokens);
    const at = behind < 0 ? this.waiting.length : behind;
    this.waiting.splice(at, 0, { seeker, untilMs: this.events.nowMs + longestWaitMs, tokens });
    if (this.waiting.length === 1) this.events.after(lookEveryMs, () => this.look());
  }

  hear(): void {}

  settle(): void {}

  leftovers(): string[] {
    return this.waiting.map(({ seeker }) => `call ${seeker.call.id} waits`);
  }

  private look(): void {
    const { nowMs } = this.events;
    const isPlaced = this.waiting.findIndex(({ seeker }) => !this.place(seeker));
    const rest = isPlaced < 0 ? [] : this.waiting.slice(isPlaced);
    this.waiting = rest.filter(({ untilMs }) => untilMs > nowMs);
    for (const { seeker, untilMs } of rest) if (untilMs <= nowMs) seeker.refused(null);
    if (this.waiting.length > 0) this.events.after(lookEveryMs, () => this.look());
  }

  private place(seeker: Seeker): boolean {
    const { nowMs } = this.events;
    let best: SimAccount | null = null;
    let most = 0;
    for (const account of this.provider.accounts) {
      if (seeker.tried.has(account.truth.id) || this.provider.faultOf(account, nowMs) !== null) continue;
      const room = account.roomFor(seeker.call, nowMs);
      if (room <= most) continue;
      best = account;
      most = room;
    }
    if (best !== null) seeker.picked({ accountId: best.truth.id });
    return best !== null;
  }
}
