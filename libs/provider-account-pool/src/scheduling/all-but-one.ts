import type { AccountId } from '#kernel';
import type { AccountSet } from '#pool-core';

/**
 * The accounts a call must not go to when it is bound to one: all others, and that one too once it was tried. It cannot be
 * listed, only asked.
 */
export class AllButOne implements AccountSet {
  readonly size = Infinity;

  constructor(
    readonly only: AccountId,
    private readonly tried: AccountSet,
  ) {}

  has(id: AccountId): boolean {
    return id !== this.only || this.tried.has(id);
  }
}
