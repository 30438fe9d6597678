import type { KeySpec, OrganisationSpec, PromptCacheSpec } from '../scenario/scenario.js';
import { PromptCache } from './prompt-cache.js';
import { Quota } from './quota.js';
import { Shelf } from './shelf.js';

/** Prepaid credit. Calls are paid when they end, so the last ones may overdraw, as with real providers. */
export class Purse {
  #usd: number;

  /** @param usd absent means without end */
  constructor(usd: number = Infinity) {
    this.#usd = usd;
  }

  get isEmpty(): boolean {
    return this.#usd <= 0;
  }

  pay(usd: number): void {
    this.#usd -= usd;
  }
}

/** What several keys share. */
export class Organisation {
  readonly quota: Quota;
  readonly purse: Purse;
  readonly cache: PromptCache;

  constructor(
    readonly name: string,
    spec: OrganisationSpec,
    cache: PromptCacheSpec,
    nowMs: number,
  ) {
    this.quota = new Quota(spec.limits ?? {}, nowMs);
    this.purse = new Purse(spec.creditUsd);
    this.cache = new PromptCache(cache);
  }
}

/** One key with all that decides about its calls. */
export class Account {
  readonly quotas: readonly Quota[];
  readonly shelf = new Shelf();
  readonly #purses: readonly Purse[];
  readonly #activeFromMs: number;
  #revokedFromMs: number;

  constructor(
    readonly spec: KeySpec,
    readonly organisation: Organisation,
    startedAtMs: number,
    nowMs: number,
  ) {
    this.quotas = [new Quota(spec.limits ?? {}, nowMs), organisation.quota];
    this.#purses = [new Purse(spec.creditUsd), organisation.purse];
    this.#activeFromMs = startedAtMs + (spec.activeFromMs ?? 0);
    this.#revokedFromMs = startedAtMs + (spec.revokedFromMs ?? Infinity);
  }

  /** Whether the provider accepts the key at this instant. */
  isAccepted(nowMs: number): boolean {
    return nowMs >= this.#activeFromMs && nowMs < this.#revokedFromMs;
  }

  revokeFrom(atMs: number): void {
    this.#revokedFromMs = Math.min(this.#revokedFromMs, atMs);
  }

  mayUse(model: string): boolean {
    return this.spec.models?.includes(model) ?? true;
  }

  get isSpent(): boolean {
    return this.#purses.some((purse) => purse.isEmpty);
  }

  pay(usd: number): void {
    for (const purse of this.#purses) purse.pay(usd);
  }
}
