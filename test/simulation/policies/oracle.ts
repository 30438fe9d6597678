import type { SimAccount } from '../provider/sim-account.js';
import type { SimProvider } from '../provider/sim-provider.js';
import type { SimCall } from '../workload/sim-call.js';
import type { Choice, Policy } from './policy.js';

/** Knows the true buckets, faults and sizes, and takes the account with most room: no policy refuses less. */
export class OraclePolicy implements Policy {
  readonly name = 'oracle';
  readonly mostRetries = Infinity;

  constructor(private readonly provider: SimProvider) {}

  choose(call: SimCall, tried: ReadonlySet<string>, nowMs: number): Choice {
    let best: SimAccount | null = null;
    let most = 0;
    for (const account of this.provider.accounts) {
      if (tried.has(account.truth.id) || this.provider.faultOf(account, nowMs) !== null) continue;
      const room = account.roomFor(call, nowMs);
      if (room <= most) continue;
      best = account;
      most = room;
    }
    if (best === null) return { kind: 'refused', earliestMs: null };
    return { kind: 'picked', pick: { accountId: best.truth.id } };
  }

  settle(): void {}

  leftovers(): string[] {
    return [];
  }
}
