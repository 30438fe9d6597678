import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { orderTier, planRoute, type RouteTiers } from './route-plan.js';

const target = (provider: string, weight = 1) => ({ provider, model: 'm', weight });
const isProvider = (name: string): boolean => ['openai', 'openrouter'].includes(name);

describe('planRoute', () => {
  const tiers: RouteTiers = [[target('openai')], [target('openrouter')]];
  const routes = new Map([['fast', tiers]]);

  it('gives the tiers of a route by its name', () => {
    expect(planRoute('fast', routes, isProvider)).toBe(tiers);
  });

  it('takes provider/model apart at the first slash, so that model names may hold slashes', () => {
    expect(planRoute('openrouter/meta/llama', routes, isProvider)).toEqual([
      [{ provider: 'openrouter', model: 'meta/llama', weight: 1 }],
    ]);
  });

  it.each(['slow', 'nobody/m', 'openai/', '/m', ''])('knows nothing for %p', (model) => {
    expect(planRoute(model, routes, isProvider)).toBeNull();
  });
});

describe('orderTier', () => {
  it('tries every target exactly once', () => {
    const tier = fc.array(fc.record({ weight: fc.double({ min: 0.01, max: 100, noNaN: true }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(tier, fc.double({ min: 0, max: 0.999999, noNaN: true }), (weights, draw) => {
        const targets = weights.map(({ weight }, index) => target(`p${index}`, weight));
        const order = orderTier(targets, () => draw);
        expect(new Set(order)).toEqual(new Set(targets));
        expect(order).toHaveLength(targets.length);
      }),
    );
  });

  it('puts a target first as often as its weight says', () => {
    const tier = [target('a', 3), target('b', 1)];
    const firsts = Array.from({ length: 100 }, (_, i) => orderTier(tier, () => i / 100)[0]?.provider);
    expect(firsts.filter((name) => name === 'a')).toHaveLength(75);
  });
});
