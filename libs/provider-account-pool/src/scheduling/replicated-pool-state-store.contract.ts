import { describe, expect, it } from '@jest/globals';
import { noLimits } from '../domain/account-limits.js';
import { Bench, a, aborted, ask, b, reasonsOf, spec } from './pool-state-store.fixture.js';
import type { PoolStateStore } from './pool-state-store.js';

/** The guarantees of {@link PoolStateStore} to replicas that tell each other, to be run against each adapter. */
export function replicatedPoolStateStoreContract(adapter: string, make: () => PoolStateStore): void {
  describe(`${adapter} keeps the contract of pool state stores with replicas`, () => {
    spending(make);
    telling(make);
  });
}

function spending(make: () => PoolStateStore): void {
  it('admits no more than what another replica has left, once it has been told', () => {
    const [one, other] = two(make, { rpm: 100 });
    for (let calls = 0; calls < 90; calls += 1) one.take();
    expect(one.store.isNewsUrgent()).toBe(true);
    tell(one, other);
    expect(one.store.isNewsUrgent()).toBe(false);
    expect(other.store.statuses('p', other.nowMs)[0]?.windows[0]?.left).toBe(8);
  });

  it('splits the limits of pools that are there and of those to come, and makes them whole again', () => {
    const [one] = two(make, { maxConcurrency: 8 });
    one.store.splitLimits(4, one.nowMs);
    const limits = { ...noLimits, maxConcurrency: 4 };
    one.store.configure([{ name: 'q', options: {}, specs: [spec(b, { limits })] }], one.nowMs);
    const admitted = (pool: string): number => {
      let calls = 0;
      while (one.store.acquire(pool, ask, one.nowMs).kind === 'selected') calls += 1;
      return calls;
    };
    expect(admitted('q')).toBe(1);
    one.store.splitLimits(1, one.nowMs);
    expect(admitted('q')).toBe(3);
  });
}

function telling(make: () => PoolStateStore): void {
  it('wakes those who wait when another replica has freed something or is gone', () => {
    const [one, other] = two(make, { maxConcurrency: 1 });
    const call = one.take();
    tell(one, other);
    expect(reasonsOf(other.store.acquire('p', ask, other.nowMs))).toEqual(['concurrency']);
    const freed: string[] = [];
    other.store.onFreed((pool) => freed.push(pool));
    other.store.forgetReplica('another');
    expect(freed).toEqual(['p']);
    other.store.settle('p', other.take(), aborted, other.nowMs);
    one.store.settle('p', call, aborted, one.nowMs);
    tell(one, other);
    expect(freed).toEqual(['p', 'p', 'p']);
  });

  it('tells anew what is missing and held, which one that has just begun believes', () => {
    const [one, other] = two(make, { rpd: 100 });
    for (let calls = 0; calls < 50; calls += 1) one.store.settle('p', one.take(), aborted, one.nowMs);
    one.store.bench('p', a, 60_000, 'by hand', one.nowMs);
    one.store.takeNews(100, one.nowMs);
    one.store.tellAnew(one.nowMs);
    tell(one, other, true);
    expect(other.store.stateOf('p', a, other.nowMs)).toMatchObject({ kind: 'cooling', rule: 'by hand' });
    expect(other.store.statuses('p', other.nowMs)[0]?.windows[0]?.left).toBe(48);
  });
}

/** Two that have looked for news once, so that they keep note of it. */
function two(make: () => PoolStateStore, limits: Partial<typeof noLimits>): readonly [Bench, Bench] {
  const both = [new Bench(make), new Bench(make)] as const;
  for (const bench of both) {
    bench.configure(spec(a, { limits: { ...noLimits, ...limits } }));
    bench.store.takeNews(100, bench.nowMs);
  }
  return both;
}

/** What one has to tell reaches the other. */
function tell(from: Bench, to: Bench, isNew = false): void {
  for (const [pool, news] of from.store.takeNews(100, from.nowMs))
    to.store.hearNews(pool, 'another', news, to.nowMs, isNew);
}
