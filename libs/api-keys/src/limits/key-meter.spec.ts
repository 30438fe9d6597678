import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError, noTokens } from '#kernel';
import { KeyMeters } from './key-meters.js';
import type { MeterHold } from './key-meter.js';
import { MemoryLimitStore } from './memory-limit-store.js';

let nowMs = Date.UTC(2026, 10, 29, 12);
const clock = { nowMs: () => nowMs };
const refused: string[] = [];
let meters: KeyMeters;

beforeEach(() => {
  refused.length = 0;
  const refusals = {
    increment: (labels?: Readonly<Record<string, string>>) => refused.push(labels?.['limit'] ?? ''),
  };
  meters = new KeyMeters({ store: new MemoryLimitStore(clock), clock, refusals } as never);
});

const price = { inputNanoUsd: 1, cachedInputNanoUsd: 1, outputNanoUsd: 2 };
const call = { callId: 'c', inputTokens: 100, maxOutputTokens: 10, price };
const used = { ...noTokens, input: 100, output: 10 };

const meterOf = (limits: Record<string, number>, budget: Record<string, string> = {}) => {
  const meter = meters.of({ id: 'key', limits, budget });
  if (meter === null) throw new Error('there is no meter');
  return meter;
};

function admit(meter: ReturnType<typeof meterOf>, more: object = {}): MeterHold | DomainError {
  const verdict = meter.admit({ ...call, ...more });
  if (verdict instanceof Promise) throw new Error('limits in memory need no promise');
  return verdict;
}

const codeOf = (verdict: MeterHold | DomainError): string =>
  verdict instanceof DomainError ? `${verdict.code} ${verdict.details.retryAfterSeconds}` : 'admitted';

describe('the meter of a key', () => {
  it('is none without limits and budget', () => {
    expect(meters.of({ id: 'key', limits: {}, budget: {} })).toBeNull();
  });

  it('says which limit is used up, and until when', () => {
    const meter = meterOf({ rpm: 2 });
    expect([1, 2, 3].map(() => codeOf(admit(meter)))).toEqual([
      'admitted',
      'admitted',
      'rate_limit_exceeded 30',
    ]);
    expect(refused).toEqual(['rpm']);
  });

  it('counts prompt and answer against the tokens of a minute', () => {
    const meter = meterOf({ tpm: 220 });
    const first = admit(meter);
    if (!(first instanceof DomainError)) first.settle(used, 120n);
    expect([1, 2].map(() => codeOf(admit(meter)))).toEqual(['admitted', 'rate_limit_exceeded 30']);
  });

  it('expects answers as long as they were of late, where the caller sets no bound', () => {
    const meter = meterOf({ tpm: 1_000 });
    for (let at = 0; at < 200; at += 1) {
      nowMs += 60_000;
      const hold = admit(meter, { maxOutputTokens: null });
      if (!(hold instanceof DomainError)) hold.settle({ ...noTokens, input: 100, output: 100 }, 0n);
    }
    nowMs += 60_000;
    const verdicts = [1, 2, 3, 4, 5, 6].map(() => codeOf(admit(meter, { maxOutputTokens: null })));
    expect(verdicts.filter((verdict) => verdict === 'admitted')).toHaveLength(4);
  });

  it('ends a call once, however often it is told', () => {
    const meter = meterOf({ maxConcurrency: 1 });
    const hold = admit(meter);
    if (hold instanceof DomainError) throw hold;
    hold.settle(used, null);
    hold.settle(used, null);
    expect([1, 2].map(() => codeOf(admit(meter)))).toEqual(['admitted', 'rate_limit_exceeded 1']);
  });

  it('spends what calls cost, and sets nothing aside for those that a limit refuses', () => {
    const meter = meterOf({ rpm: 2 }, { dailyUsd: '0.0000003' });
    const [first, second] = [admit(meter), admit(meter)];
    for (let at = 0; at < 20; at += 1) expect(codeOf(admit(meter))).toBe('rate_limit_exceeded 30');
    for (const hold of [first, second]) if (!(hold instanceof DomainError)) hold.settle(used, 149n);
    nowMs += 60_000;
    expect(codeOf(admit(meter))).toBe('admitted');
    const last = admit(meter);
    expect(codeOf(last)).toBe('budget_exceeded 1');
  });

  it('goes on counting where its key was changed, and is forgotten with its key', () => {
    const meter = meterOf({ rpm: 1 }, { dailyUsd: '5' });
    admit(meter);
    expect(meterOf({ rpm: 1, tpm: 1_000 }, { dailyUsd: '6' })).toBe(meter);
    expect(codeOf(admit(meter))).toMatch(/^rate_limit_exceeded/);
    meters.keepOnly(new Set([meter]));
    expect(meters.budgets().size).toBe(1);
    meters.keepOnly(new Set());
    expect(meters.budgets().size).toBe(0);
  });

  it('lets nothing be spent where the stored budget cannot be read', () => {
    expect(codeOf(admit(meterOf({}, { dailyUsd: 'much' })))).toMatch(/^budget_exceeded/);
  });
});
