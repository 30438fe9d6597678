import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OutputEstimate } from './output-estimate.js';

const taught = (callerId: string | null, answers: readonly number[], model = 'm'): OutputEstimate => {
  const estimate = new OutputEstimate();
  for (const tokens of answers) estimate.learn(callerId, model, tokens);
  return estimate;
};

describe('OutputEstimate', () => {
  it('never reserves more than the caller allows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000)), fc.nat(8_000), (answers, bound) => {
        expect(taught('c', answers).of('c', 'm', bound)).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it('comes close to what a model really generates', () => {
    const estimate = taught(null, [5_000, ...Array.from({ length: 100 }, () => 120)]);
    expect(estimate.of(null, 'm', null)).toBeGreaterThanOrEqual(120);
    expect(estimate.of(null, 'm', null)).toBeLessThan(130);
  });

  it('knows callers apart once they had enough answers, and others by the model', () => {
    const estimate = taught(
      'short',
      Array.from({ length: 20 }, () => 10),
    );
    for (let answer = 0; answer < 200; answer += 1) estimate.learn('long', 'm', 1_000);
    expect(estimate.of('short', 'm', null)).toBe(10);
    expect(estimate.of('long', 'm', null)).toBe(1_000);
    estimate.learn('new', 'm', 10);
    expect(estimate.of('new', 'm', null)).toBeGreaterThan(500);
    expect(estimate.of('new', 'other', null)).toBe(400);
  });

  it('remembers a bounded number of models and callers, the last used ones', () => {
    const estimate = new OutputEstimate();
    for (let at = 0; at < 12_000; at += 1) {
      estimate.learn('kept', 'kept', 7);
      estimate.learn(`c${at}`, `m${at}`, 9_000);
    }
    expect(estimate.of(null, 'kept', null)).toBe(7);
    expect(estimate.of(null, 'm0', null)).toBe(400);
    expect(estimate.of(null, 'm11999', null)).toBe(9_000);
  });
});
