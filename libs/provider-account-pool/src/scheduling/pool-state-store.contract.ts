import { describe, expect, it } from '@jest/globals';
import type { ProviderFailure } from '#kernel';
import { noLimits } from '../domain/account-limits.js';
import { Bench, a, aborted, ask, b, reasonsOf, reservationIn, spec } from './pool-state-store.fixture.js';
import type { PoolStateStore } from './pool-state-store.js';

const failure: ProviderFailure = {
  class: 'rate_limited',
  scope: 'account',
  rule: 'limit',
  retryAfterMs: 5_000,
};
const failed = { kind: 'failed', failure, tokens: null, limits: [] } as const;

/** The guarantees of {@link PoolStateStore}, to be run against each adapter. */
export function poolStateStoreContract(adapter: string, make: () => PoolStateStore): void {
  describe(`${adapter} keeps the contract of pool state stores`, () => {
    reservations(() => new Bench(make));
    memory(() => new Bench(make));
    spends(() => new Bench(make));
    answers(() => new Bench(make));
  });
}

function reservations(make: () => Bench): void {
  it('never gives out more than there is, in one step with the choice', () => {
    const bench = make();
    const { nowMs } = bench;
    const limits = { ...noLimits, maxConcurrency: 3 };
    bench.configure(spec(a, { limits }), spec(b, { limits }));
    for (let i = 0; i < 6; i += 1) bench.take();
    expect(reasonsOf(bench.store.acquire('p', ask, nowMs))).toEqual(['concurrency', 'concurrency']);
    expect(bench.store.mayComeToServe('p', ask, nowMs)).toBe(true);
  });

  it('counts the end of a reservation once', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a, { limits: { ...noLimits, maxConcurrency: 1 } }));
    const first = bench.take();
    bench.store.settle('p', first, aborted, nowMs);
    bench.take();
    bench.store.settle('p', first, aborted, nowMs);
    expect(bench.store.acquire('p', ask, nowMs).kind).toBe('refused');
  });

  it('ends reservations nobody settled, and what settles later changes nothing', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a, { limits: { ...noLimits, maxConcurrency: 1 } }));
    const forgotten = bench.take();
    expect(bench.store.expire(nowMs, nowMs)).toHaveLength(0);
    expect(bench.store.expire(nowMs + 1, nowMs)).toHaveLength(1);
    expect(bench.store.settle('p', forgotten, failed, nowMs)).toEqual([]);
    expect(bench.take().accountId).toBe(a);
  });
}

function memory(make: () => Bench): void {
  it('keeps what it knows of accounts that stay, and forgets those that go', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a), spec(b));
    bench.store.bench('p', a, 60_000, 'by hand', nowMs);
    bench.store.bench('p', b, 60_000, 'by hand', nowMs);
    bench.configure(spec(a, { weight: 2 }));
    bench.configure(spec(a, { weight: 2 }), spec(b));
    expect(bench.store.stateOf('p', a, nowMs).kind).toBe('cooling');
    expect(bench.store.stateOf('p', b, nowMs).kind).toBe('closed');
  });

  it('keeps what is held against accounts when the options of their pool change', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a));
    bench.store.bench('p', a, 60_000, 'by hand', nowMs);
    bench.store.configure([{ name: 'p', options: { safetyMargin: 0.1 }, specs: [spec(a)] }], nowMs);
    expect(bench.store.stateOf('p', a, nowMs)).toMatchObject({ kind: 'cooling', rule: 'by hand' });
  });

  it('keeps the old configuration of a pool whose new one is wrong, and takes the others', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a));
    const setups = [
      { name: 'p', options: {}, specs: [spec(a, { weight: -1 })] },
      { name: 'q', options: {}, specs: [spec(b)] },
    ];
    expect([...bench.store.configure(setups, nowMs).keys()]).toEqual(['p']);
    expect(bench.take().accountId).toBe(a);
    expect(reservationIn(bench.store.acquire('q', ask, nowMs)).accountId).toBe(b);
  });

  it('gives back after a restart what it held before', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a), spec(b));
    bench.store.bench('p', a, 60_000, 'by hand', nowMs);
    const saved = [...bench.store.dump(nowMs).values()].flat();
    bench.restart();
    bench.configure(spec(a), spec(b));
    bench.store.restore(structuredClone(saved), nowMs);
    expect(bench.store.stateOf('p', a, nowMs)).toEqual({
      kind: 'cooling',
      untilMs: nowMs + 60_000,
      rule: 'by hand',
    });
    expect(bench.store.stateOf('p', b, nowMs).kind).toBe('closed');
  });
}

function spends(make: () => Bench): void {
  it('gives back after a restart, and when the options of a pool change, what was spent before', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a));
    const price = { inputNanoUsd: 3, cachedInputNanoUsd: 1, outputNanoUsd: 5 };
    const call = reservationIn(bench.store.acquire('p', { ...ask, price }, nowMs));
    bench.store.settle('p', call, { kind: 'succeeded', tokens: null, limits: [], firstByteMs: null }, nowMs);
    const spend = { accountId: a, atMs: nowMs, dailyNanoUsd: 8, monthlyNanoUsd: 8 };
    expect([...bench.store.spends(nowMs)]).toEqual([['p', [spend]]]);
    bench.restart();
    bench.configure(spec(a));
    bench.store.restoreSpends([spend], nowMs);
    bench.store.configure([{ name: 'p', options: { safetyMargin: 0.1 }, specs: [spec(a)] }], nowMs);
    expect(bench.store.statuses('p', nowMs)).toMatchObject([
      { dailySpentNanoUsd: 8, monthlySpentNanoUsd: 8 },
    ]);
  });
}

function answers(make: () => Bench): void {
  it('tells of each move, and explains by the rules by which it chooses', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a));
    expect(bench.store.settle('p', bench.take(), failed, nowMs)).toMatchObject([
      { accountId: a, model: null, from: { kind: 'closed' }, to: { kind: 'cooling' }, rule: 'limit' },
    ]);
    expect(bench.store.explain('p', ask, nowMs)).toMatchObject([
      { eligible: false, reason: 'cooling', share: 0 },
    ]);
    expect(bench.store.acquire('p', ask, nowMs)).toMatchObject({
      kind: 'refused',
      earliestMs: nowMs + 5_000,
    });
    expect(bench.store.clear('p', a, nowMs)).toMatchObject([{ to: { kind: 'closed' } }]);
    expect(bench.store.explain('p', ask, nowMs)).toMatchObject([{ eligible: true, share: 1 }]);
  });

  it('tells those who wait that the head of an answer has spoken of limits', () => {
    const bench = make();
    const { nowMs } = bench;
    bench.configure(spec(a));
    const call = bench.take();
    const freed: string[] = [];
    bench.store.onFreed((pool) => freed.push(pool));
    const reading = { unit: 'requests', window: 'minute', limit: 60, remaining: 0, resetAtMs: null } as const;
    bench.store.noteLimits('p', call, [reading], nowMs);
    expect(freed).toEqual(['p']);
    expect(reasonsOf(bench.store.acquire('p', ask, nowMs))).toEqual(['rpm']);
  });

  it('answers with nothing for what it does not know', () => {
    const bench = make();
    const { nowMs } = bench;
    const decision = bench.store.acquire('p', ask, nowMs);
    expect(decision).toMatchObject({ kind: 'refused', earliestMs: null, waitingHelps: false });
    expect(reasonsOf(decision)).toEqual([]);
    expect(bench.store.mayComeToServe('p', ask, nowMs)).toBe(false);
    expect(bench.store.explain('p', ask, nowMs)).toEqual([]);
    expect(bench.store.statuses('p', nowMs)).toEqual([]);
    expect(bench.store.clear('p', a, nowMs)).toEqual([]);
    expect(bench.store.bench('p', a, 1, 'r', nowMs)).toEqual([]);
    expect(bench.store.recordTest('p', a, { ok: true }, nowMs)).toEqual([]);
    expect(bench.store.stateOf('p', a, nowMs).kind).toBe('closed');
    bench.configure(spec(a));
    const reservation = bench.take();
    bench.store.configure([], nowMs);
    bench.store.noteLimits('p', reservation, [], nowMs);
    expect(bench.store.settle('p', reservation, failed, nowMs)).toEqual([]);
  });
}
