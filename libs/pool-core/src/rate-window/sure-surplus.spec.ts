import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitKinds } from './limit-kinds.js';
import { RateWindow } from './rate-window.js';

const limit = 100_000;
const margin = 2_000;
const sent = { atMs: 0, charged: 0, excess: 0, othersSpent: 0, isHeld: false };
const windowOf = (name: 'rpm' | 'tpm' | 'itpm'): RateWindow => {
  const window = new RateWindow(limitKinds[name], { safetyMargin: 0.02, configuredLimits: 'belief' });
  window.configure(limit, 0);
  window.correct({ limit, remaining: null }, sent, 0);
  return window;
};
const answers = (window: RateWindow, count: number, remaining: number, isHeld = false): void => {
  for (let at = 0; at < count; at += 1) window.correct({ limit, remaining }, { ...sent, isHeld }, 0);
};

describe('what one answer has taken away', () => {
  it('is given back once many in a row say that it is there, though calls are under way', () => {
    const window = windowOf('tpm');
    window.take(10_000, 0);
    answers(window, 1, 89_000);
    expect(window.levelAt(0)).toBe(87_000);
    answers(window, 15, 89_900);
    expect(window.levelAt(0)).toBe(87_000);
    answers(window, 1, 89_800);
    expect(window.levelAt(0)).toBe(87_800);
    answers(window, 160, 95_000);
    expect(window.levelAt(0)).toBe(88_000);
  });

  it('stays away when one of them says that it is gone', () => {
    const window = windowOf('tpm');
    window.take(10_000, 0);
    for (let at = 0; at < 10; at += 1) {
      answers(window, 1, 88_000);
      answers(window, 15, 90_000);
    }
    expect(window.levelAt(0)).toBe(86_000);
  });

  it('is given back up to the margin, which pays for it when that was wrong', () => {
    const window = windowOf('tpm');
    window.take(10_000, 0);
    answers(window, 1, 80_000);
    answers(window, 160, 85_000);
    expect(window.levelAt(0)).toBe(78_000 + margin);
  });
});

describe('what many answers in a row say to be left', () => {
  it('counts, however little it is, where calls are known from their beginning: prompts, requests, answers that are held', () => {
    for (const [name, isHeld] of [
      ['itpm', false],
      ['rpm', false],
      ['tpm', true],
    ] as const) {
      const window = windowOf(name);
      window.take(10_000, 0);
      answers(window, 16, 90_100, isHeld);
      expect(window.levelAt(0)).toBe(88_100);
    }
  });

  it('may be what answers under way will use, where providers count those at their end', () => {
    const window = windowOf('tpm');
    window.take(10_000, 0);
    answers(window, 160, 98_000);
    expect(window.levelAt(0)).toBe(88_000);
  });
});

describe('a window', () => {
  /** What its provider holds of a call, and what the call uses in the end, in tokens. */
  const call = fc.record({
    expected: fc.nat(500),
    held: fc.nat(500),
    used: fc.nat(500),
    endsAfter: fc.nat(9),
  });

  it('is where its provider is after any calls, once as many have been estimated rightly', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const window = windowOf('tpm');
        let left = limit;
        const underWay: { charged: number; held: number; used: number; endsAt: number }[] = [];
        const end = (until: number): void => {
          for (const one of underWay.filter(({ endsAt }) => endsAt <= until)) {
            underWay.splice(underWay.indexOf(one), 1);
            window.settle(one.charged, one.used, 0);
            left += one.held - one.used;
          }
        };
        for (const [at, { expected, held, used, endsAfter }] of calls.entries()) {
          end(at);
          const charged = window.take(expected, 0);
          left -= held;
          window.correct({ limit, remaining: left }, { ...sent, charged }, 0);
          underWay.push({ charged, held, used, endsAt: at + endsAfter });
        }
        end(Infinity);
        answers(window, 32, left);
        expect(window.levelAt(0)).toBe(left - margin);
      }),
    );
  });
});
