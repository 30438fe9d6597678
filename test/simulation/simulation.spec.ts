import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Dice } from './engine/dice.js';
import { EventQueue } from './engine/event-queue.js';
import { TokenBucket } from './provider/token-bucket.js';
import { oracle, poolCore, runScenario } from './run-scenario.js';
import { noLimits, scaledAccounts, steady } from './scenario.js';
import { tokensOf } from './workload/sim-call.js';
import { callers, Workload } from './workload/workload.js';

const brief = { warmUpMs: 5_000, measuredMs: 20_000 };

describe('the simulation', () => {
  it('gives the same figures for the same seed, and others for another', () => {
    const run = (seed: number) => runScenario(steady(1.2, brief), poolCore(), seed);
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it('judges fairly: who knows everything wastes nothing and refuses nothing in vain', () => {
    for (const rho of [0.5, 4]) {
      const { wastedPerMille, refusedInVainPerMille, goodput } = runScenario(steady(rho, brief), oracle, 3);
      expect(wastedPerMille).toBe(0);
      expect(refusedInVainPerMille).toBe(0);
      expect(goodput).toBeGreaterThan(0.99);
    }
  });

  it.each([
    ['input_tokens', { itpm: 30_000, otpm: 30_000 }],
    ['requests', { rpm: 30, tpm: 100_000 }],
    ['slot_ms', { maxConcurrency: 3 }],
  ] as const)('judges fairly when %s run out first', (counted, limits) => {
    const accounts = scaledAccounts(10).map((truth) => ({ ...truth, limits: { ...noLimits, ...limits } }));
    const scenario = steady(4, { ...brief, accounts, counted });
    const { load, wastedPerMille, refusedInVainPerMille, goodput } = runScenario(scenario, oracle, 3);
    expect(load).toBeCloseTo(4, 0);
    expect(wastedPerMille).toBe(0);
    expect(refusedInVainPerMille).toBe(0);
    expect(goodput).toBeGreaterThan(0.9);
  });

  it('counts what others take of the limits as theirs', () => {
    const outsiders = { accounts: ['a009'], share: 0.5 };
    const { utilisation, wastedPerMille } = runScenario(
      steady(1.2, { warmUpMs: 60_000, measuredMs: 120_000, accounts: scaledAccounts(10), outsiders }),
      oracle,
      3,
    );
    expect(wastedPerMille).toBe(0);
    expect(utilisation['a009']).toBeGreaterThan(0.9);
  });

  it('lets events happen in order of time, and of scheduling when due together', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), (delays) => {
        const events = new EventQueue(0);
        const happened: { atMs: number; order: number }[] = [];
        delays.forEach((delay, order) =>
          events.after(delay, () => happened.push({ atMs: events.nowMs, order })),
        );
        events.run();
        const inOrder = happened.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
        expect(happened).toEqual(inOrder);
        expect(happened.map(({ order }) => order).sort((a, b) => a - b)).toEqual(delays.map((_, at) => at));
      }),
    );
  });

  it('refills a limit evenly and never beyond itself', () => {
    const bucket = new TokenBucket('requests', 60_000, 60, 0);
    bucket.spend(60, 0);
    expect(bucket.waitMs(1, 0)).toBe(1_000);
    expect(bucket.levelAt(30_000)).toBeCloseTo(30);
    expect(bucket.levelAt(1e9)).toBe(60);
    bucket.resize(30, 1e9);
    expect(bucket.levelAt(1e9)).toBe(30);
    bucket.resize(600, 1e9);
    expect(bucket.levelAt(1e9 + 1_000)).toBe(40);
  });

  it.each(['poisson', 'bursty', 'flash'] as const)('offers the load it is asked for, %s', (arrivals) => {
    const spec = { tokensPerSecond: 20_000, arrivals, conversations: false, promptTokens: 450 };
    const workload = new Workload(spec, 5, 0);
    let tokens = 0;
    let call = workload.next();
    for (; call.arriveMs < 1_800_000; call = workload.next()) tokens += tokensOf(call);
    expect(Math.abs(tokens / 1_800 / 20_000 - 1)).toBeLessThan(0.1);
    expect(call.caller).toBeLessThan(callers);
  });

  it('draws from each dice by itself', () => {
    const draw = (seed: number, use: string) => Array.from({ length: 5 }, new Dice(seed, use).next);
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  });
});
