import type { Ask } from '../ask.js';
import { admissibleFromMs } from '../eligibility.js';
import type { PooledAccount } from '../pooled-account.js';

/** Accounts looked at; of more, the first found will do: among so many, the next is ready moments later. */
const mostLooks = 128;

/**
 * Search for the account that admits an ask first if nothing else happens. Exact while it takes at most 128 looks; then
 * the best of those seen.
 */
export class ReadySearch {
  /** `null` when none does by itself. */
  account: PooledAccount | null = null;
  /** From when it does, ms since the epoch, >= now; `Infinity` when none does. Whoever is ready no sooner is of no interest. */
  fromMs = Infinity;
  private looks = 0;

  constructor(
    readonly ask: Ask,
    private readonly nowMs: number,
  ) {}

  /** Whether looking at further accounts is not worth its while. */
  get isOver(): boolean {
    return this.fromMs <= this.nowMs || (this.looks >= mostLooks && this.account !== null);
  }

  look(account: PooledAccount): void {
    this.looks += 1;
    const fromMs = Math.max(this.nowMs, admissibleFromMs(account, this.ask, this.nowMs));
    if (fromMs >= this.fromMs) return;
    this.account = account;
    this.fromMs = fromMs;
  }
}
