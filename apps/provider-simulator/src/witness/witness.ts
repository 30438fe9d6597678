import type { CallRecord, LastRequest, ProviderReport, Report } from './report.js';
import { Ring } from './ring.js';
import { TallyCounter } from './tally.js';

/** The name under which calls with a key the scenario does not know are counted. */
export const unknownKey = 'unknown';

class ProviderTally {
  readonly total = new TallyCounter();
  readonly #keys = new Map<string, TallyCounter>();

  key(key: string): TallyCounter {
    let counter = this.#keys.get(key);
    if (!counter) this.#keys.set(key, (counter = new TallyCounter()));
    return counter;
  }

  read(): ProviderReport {
    const keys = [...this.#keys].map(([key, counter]) => [key, counter.read()] as const);
    return { ...this.total.read(), keys: Object.fromEntries(keys) };
  }
}

/** Counts every call and remembers the last ones. Bounded by the keys of the scenario and the ring's size. */
export class Witness {
  readonly #providers: ReadonlyMap<string, ProviderTally>;
  readonly #recent: Ring<CallRecord>;
  readonly #lastRequests = new Map<string, () => LastRequest>();

  constructor(
    providerNames: readonly string[],
    private readonly startedAtMs: number,
    recentCalls: number,
  ) {
    this.#providers = new Map(providerNames.map((name) => [name, new ProviderTally()]));
    this.#recent = new Ring(recentCalls);
  }

  /** Lists a key in the report even before its first call. */
  expect(provider: string, key: string): void {
    this.#tally(provider).key(key);
  }

  begin(provider: string, key: string, nowMs: number): void {
    const tally = this.#tally(provider);
    tally.total.begin(nowMs);
    tally.key(key).begin(nowMs);
  }

  end(record: CallRecord): void {
    const tally = this.#tally(record.provider);
    const end = { ...record, faulted: record.fault !== null };
    tally.total.end(end);
    tally.key(record.key).end(end);
    this.#recent.push(record);
  }

  /** @param describe called only when somebody asks */
  keepRequest(provider: string, describe: () => LastRequest): void {
    this.#lastRequests.set(provider, describe);
  }

  lastRequest(provider: string): LastRequest | null {
    return this.#lastRequests.get(provider)?.() ?? null;
  }

  report(nowMs: number): Report {
    const providers = [...this.#providers].map(([name, tally]) => [name, tally.read()] as const);
    return {
      startedAtMs: this.startedAtMs,
      nowMs,
      providers: Object.fromEntries(providers),
      recent: this.#recent.toArray(),
    };
  }

  #tally(provider: string): ProviderTally {
    const tally = this.#providers.get(provider);
    if (!tally) throw new RangeError(`No provider ${provider} in the scenario`);
    return tally;
  }
}
