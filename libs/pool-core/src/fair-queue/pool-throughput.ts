import type { CallTokens } from '../ask.js';
import type { PooledAccount } from '../pooled-account.js';

/** Limits are learnt and changed while calls go on; sums over them may be this old. */
const refreshMs = 5_000;
const minuteMs = 60_000;
/** Of a call that takes nothing of what is limited. */
const leastLoadMs = 1e-9;

/**
 * What all accounts of a pool refill together, to say how much of the pool a call takes: the time the whole pool needs to
 * refill it, by the limit that the call strains most. So many small requests and a few large ones weigh alike where each
 * hurts.
 */
export class PoolThroughput {
  private accounts: readonly PooledAccount[] = [];
  private measuredMs = -Infinity;
  private readonly perMs = { rpm: 0, tpm: 0, itpm: 0, otpm: 0 };

  constructor(private readonly pool: { readonly accounts: readonly PooledAccount[] }) {}

  /** @returns ms, > 0; 1 for any call when no account has a limit per minute */
  loadOf({ inputTokens, outputTokens }: CallTokens, nowMs: number): number {
    if (this.accounts !== this.pool.accounts || nowMs - this.measuredMs > refreshMs) this.measure(nowMs);
    const { rpm, tpm, itpm, otpm } = this.perMs;
    const loadMs = Math.max(
      1 / rpm,
      (inputTokens + outputTokens) / tpm,
      inputTokens / itpm,
      outputTokens / otpm,
    );
    if (loadMs > 0) return loadMs < Infinity ? loadMs : 1;
    return Math.min(rpm, tpm, itpm, otpm) < Infinity ? leastLoadMs : 1;
  }

  private measure(nowMs: number): void {
    this.accounts = this.pool.accounts;
    this.measuredMs = nowMs;
    for (const name of ['rpm', 'tpm', 'itpm', 'otpm'] as const) {
      let capacityUnits = 0;
      for (const account of this.accounts) {
        if (account.peopleAdmitFromMs > nowMs || !account.spec.credentialUsable) continue;
        capacityUnits +=
          account.windows.limited.find((window) => window.name === name)?.capacityUnits ?? Infinity;
      }
      this.perMs[name] = capacityUnits / minuteMs;
    }
  }
}
