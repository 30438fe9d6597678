import type { CallTokens } from '../ask.js';
import type { PooledAccount } from '../pooled-account.js';

/** Limits are learnt and changed while calls go on; sums over them may be this old. */
const refreshMs = 5_000;
/** Accounts looked at by one call: no call pays for the size of the pool. */
const looksPerCall = 16;
const minuteMs = 60_000;
const names = ['rpm', 'tpm', 'itpm', 'otpm'] as const;
/** Of a call that takes nothing of what is limited. */
const leastLoadMs = 1e-9;

/**
 * What all accounts of a pool refill together, to say how much of the pool a call takes: the time the whole pool needs to
 * refill it, by the limit that the call strains most. So many small requests and a few large ones weigh alike where each
 * hurts.
 */
export class PoolThroughput {
  /** Sum of the weights of the accounts in service. */
  weight = 0;
  private accounts: readonly PooledAccount[] = [];
  private readonly perMs = { rpm: 0, tpm: 0, itpm: 0, otpm: 0 };
  /** What was counted of the sum that is to replace it, and over how many accounts. */
  private readonly counted = { rpm: 0, tpm: 0, itpm: 0, otpm: 0, weight: 0 };
  private looked = 0;
  private nextLookMs = -Infinity;

  constructor(private readonly pool: { readonly accounts: readonly PooledAccount[] }) {}

  /** @returns ms, > 0; 1 for any call when no account has a limit per minute */
  loadOf({ inputTokens, outputTokens }: CallTokens, nowMs: number): number {
    if (this.accounts !== this.pool.accounts) this.measureAll(nowMs);
    else if (this.looked > 0 || nowMs >= this.nextLookMs) this.look(looksPerCall, nowMs);
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

  private measureAll(nowMs: number): void {
    this.accounts = this.pool.accounts;
    this.begin();
    this.look(Infinity, nowMs);
  }

  private begin(): void {
    this.looked = 0;
    for (const name of names) this.counted[name] = 0;
    this.counted.weight = 0;
  }

  private look(most: number, nowMs: number): void {
    const until = Math.min(this.accounts.length, this.looked + most);
    for (; this.looked < until; this.looked += 1)
      this.count(this.accounts[this.looked] as PooledAccount, nowMs);
    if (this.looked < this.accounts.length) return;
    for (const name of names) this.perMs[name] = this.counted[name] / minuteMs;
    this.weight = this.counted.weight;
    this.begin();
    this.nextLookMs = nowMs + refreshMs;
  }

  private count({ peopleAdmitFromMs, spec, weight, windows }: PooledAccount, nowMs: number): void {
    if (peopleAdmitFromMs > nowMs || !spec.credentialUsable) return;
    this.counted.weight += weight;
    for (const name of names) this.counted[name] += windows.capacityOf(name);
  }
}
