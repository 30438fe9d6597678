import { Account, Organisation } from './accounts/account.js';
import { dialects, usualDialect } from './dialects/by-name.js';
import type { Dialect } from './dialects/dialect.js';
import type {
  KeySpec,
  Latency,
  OutputSpec,
  PriceSpec,
  PromptCacheSpec,
  ProviderSpec,
  Scenario,
} from './scenario/scenario.js';
import type { BilledTokens } from './witness/tally.js';

const usualPrice: PriceSpec = { input: 1, cachedInput: 0.5, output: 4 };

/** One fake provider with its accounts. */
export class Provider {
  readonly dialect: Dialect;
  readonly latency: Latency;
  readonly output: OutputSpec;
  readonly models: readonly string[];
  readonly #promptCache: PromptCacheSpec;
  readonly #price: PriceSpec;
  readonly #accounts = new Map<string, Account>();
  readonly #organisations = new Map<string, Organisation>();

  constructor(
    readonly name: string,
    readonly spec: ProviderSpec,
    scenario: Scenario,
    readonly startedAtMs: number,
  ) {
    this.dialect = dialects[spec.dialect ?? usualDialect(name)];
    this.latency = spec.latency ?? scenario.latency ?? { kind: 'none' };
    this.output = spec.output ?? scenario.output ?? {};
    this.models = spec.models ?? this.dialect.defaultModels;
    this.#promptCache = spec.promptCache ?? scenario.promptCache ?? {};
    this.#price = spec.priceUsdPerMillion ?? usualPrice;
    for (const key of spec.keys) this.upsert(typeof key === 'string' ? { key } : key, startedAtMs);
  }

  /** Keys it accepts now or has accepted. */
  keys(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  account(key: string): Account | undefined {
    return this.#accounts.get(key);
  }

  /** Adds or replaces a key. Its own limits and credit start full; those of its organisation go on. */
  upsert(spec: KeySpec, nowMs: number): void {
    const organisation = this.#organisationOf(spec, nowMs);
    this.#accounts.set(spec.key, new Account(spec, organisation, this.startedAtMs, nowMs));
  }

  /** Whether the scenario names no models, or this one, and the key may use it. */
  serves(model: string, account: Account): boolean {
    return (this.spec.models?.includes(model) ?? true) && account.mayUse(model);
  }

  costUsd({ input, cached, output }: Readonly<BilledTokens>): number {
    const price = this.#price;
    return ((input - cached) * price.input + cached * price.cachedInput + output * price.output) / 1e6;
  }

  #organisationOf({ organisation: name }: KeySpec, nowMs: number): Organisation {
    const known = name === undefined ? undefined : this.#organisations.get(name);
    if (known) return known;
    const spec = (name !== undefined && this.spec.organisations?.[name]) || {};
    const fresh = new Organisation(name ?? `org-${this.#accounts.size + 1}`, spec, this.#promptCache, nowMs);
    if (name !== undefined) this.#organisations.set(name, fresh);
    return fresh;
  }
}
