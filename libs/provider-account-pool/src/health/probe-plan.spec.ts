import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asId } from '#kernel';
import type { MachineState } from '#pool-core';
import { ProbePlan } from './probe-plan.js';

const id = asId<'Account'>('a');
const open: MachineState = { kind: 'open', untilMs: 0, rule: 'r' };

describe('ProbePlan', () => {
  it('gives an account its first turn only after a rest, and then again and again', () => {
    const plan = new ProbePlan(() => 0.5);
    const held = [{ accountId: id, state: open }];
    expect(plan.due(held, 0)).toEqual([]);
    expect(plan.due(held, 14_999)).toEqual([]);
    expect(plan.due(held, 15_000)).toEqual([id]);
    expect(plan.due(held, 15_001)).toEqual([]);
    expect(plan.due(held, 30_000)).toEqual([id]);
  });

  it('starts anew with an account that was well in between', () => {
    const plan = new ProbePlan(() => 0.5);
    plan.due([{ accountId: id, state: open }], 0);
    plan.due([], 10_000);
    expect(plan.due([{ accountId: id, state: open }], 20_000)).toEqual([]);
  });

  it.each<MachineState>([
    { kind: 'cooling', untilMs: 0, rule: 'r' },
    { kind: 'auth_failed', rule: 'r' },
  ])('never probes an account that is $kind', (state) => {
    const plan = new ProbePlan(Math.random);
    const turns = [0, 1e6, 1e9].flatMap((nowMs) => plan.due([{ accountId: id, state }], nowMs));
    expect(turns).toEqual([]);
  });

  it('asks about spent credit at most every three quarters of an hour', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (dice) => {
        const plan = new ProbePlan(() => dice);
        const held = [{ accountId: id, state: { kind: 'out_of_quota', untilMs: 0, rule: 'r' } as const }];
        plan.due(held, 0);
        expect(plan.due(held, 45 * 60_000)).toEqual([]);
        expect(plan.due(held, 72 * 60_000)).toEqual([id]);
      }),
    );
  });
});
