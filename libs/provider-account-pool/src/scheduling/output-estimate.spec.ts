import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OutputEstimate } from './output-estimate.js';

describe('OutputEstimate', () => {
  it('never reserves more than the caller allows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000)), fc.nat(8_000), (answers, bound) => {
        const estimate = new OutputEstimate();
        for (const tokens of answers) estimate.learn('m', tokens);
        expect(estimate.of('m', bound)).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it('comes close to what a model really generates', () => {
    const estimate = new OutputEstimate();
    estimate.learn('m', 5_000);
    for (let i = 0; i < 100; i += 1) estimate.learn('m', 120);
    expect(estimate.of('m', null)).toBeGreaterThanOrEqual(120);
    expect(estimate.of('m', null)).toBeLessThan(130);
  });

  it('remembers a bounded number of models, the last used ones', () => {
    const estimate = new OutputEstimate();
    for (let i = 0; i < 3_000; i += 1) {
      estimate.learn('kept', 7);
      estimate.learn(`m${i}`, 9_000);
    }
    expect(estimate.of('kept', null)).toBe(7);
    expect(estimate.of('m0', null)).toBe(400);
    expect(estimate.of('m2999', null)).toBe(9_000);
  });
});
