import type { AccountId } from '#kernel';
import type { Refusal } from './account.js';
import type { AccountPool } from './account-pool.js';
import type { Ask } from './ask.js';
import { firstObstacle } from './eligibility.js';
import type { PooledAccount } from './pooled-account.js';

/**
 * Why the accounts of a pool refuse an ask: for each the first thing that stands in its way. An account is asked when it is
 * come to, so that nobody pays for thousands of reasons of which it needs one. To be read at once: later they are those of
 * then.
 */
export class Refusals implements Iterable<Refusal> {
  /** Out of reach of whoever prints a refusal: a pool is large. */
  readonly #pool: AccountPool;
  readonly #ask: Ask;
  readonly #nowMs: number;

  constructor(pool: AccountPool, ask: Ask, nowMs: number) {
    this.#pool = pool;
    this.#ask = ask;
    this.#nowMs = nowMs;
  }

  /** What one account says; `null` when it admits the ask or is not in the pool. */
  of(id: AccountId): Refusal | null {
    const account = this.#pool.account(id);
    return account === undefined ? null : this.#refusalOf(account);
  }

  *[Symbol.iterator](): Iterator<Refusal, undefined> {
    for (const account of this.#pool.accounts) {
      const refusal = this.#refusalOf(account);
      if (refusal !== null) yield refusal;
    }
  }

  #refusalOf(account: PooledAccount): Refusal | null {
    const obstacle = firstObstacle(account, this.#ask, this.#nowMs);
    return obstacle === null ? null : { accountId: account.id, ...obstacle };
  }
}
