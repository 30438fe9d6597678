import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { failureClasses } from '#kernel';
import {
  PoolInTime,
  aFailure,
  aborted,
  anAccount,
  anAsk,
  failedBy,
  idOf,
  seeded,
  usage,
} from '../../test-support/a-pool.js';
import type { AccountSpec } from '../account.js';
import type { AccountPool } from '../account-pool.js';
import type { Ask } from '../ask.js';
import { admissibleFromMs, isAdmissible } from '../eligibility.js';
import { benchAccount, clearMachineState, recordProbe } from '../interventions.js';
import type { Reservation } from '../reservation.js';
import { dumpStates, restoreStates } from '../saved-states.js';
import { nextChanceMs, reserveNow } from '../select-account.js';
import type { Outcome } from '../settle.js';
import { entropy } from './entropy.js';
import { leastLoaded } from './least-loaded.js';
import { lowestCost } from './lowest-cost.js';
import { lowestLatency } from './lowest-latency.js';
import type { Candidate, Roster, SelectionStrategy } from './strategy.js';

const anyOption = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const anyAccount = fc.record({
  tier: fc.integer({ min: 1, max: 2 }),
  weight: fc.integer({ min: 1, max: 9 }),
  costFactor: fc.constantFrom(0, 0.5, 1),
  rpm: anyOption(fc.integer({ min: 1, max: 40 })),
  tpm: anyOption(fc.integer({ min: 20, max: 900 })),
  maxConcurrency: anyOption(fc.integer({ min: 1, max: 4 })),
  group: anyOption(fc.constantFrom('g', 'h')),
  deny: fc.subarray(['model-a', 'model-b']),
  pausedForMs: anyOption(fc.integer({ min: 1, max: 40_000 })),
});
const anyFailure = fc
  .tuple(
    fc.constantFrom(...failureClasses),
    anyOption(fc.nat(30_000)),
    fc.constantFrom('account' as const, 'model_on_account' as const, 'provider' as const),
  )
  .map(([kind, retryAfterMs, scope]) => failedBy(aFailure(kind, { retryAfterMs, scope })));
const anyReading = fc.record({
  unit: fc.constantFrom('requests' as const, 'tokens' as const),
  window: fc.constant('minute' as const),
  limit: anyOption(fc.integer({ min: 1, max: 60 })),
  remaining: anyOption(fc.nat(60)),
  resetAtMs: fc.constant(null),
});
const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant(aborted),
  anyFailure,
  fc.record({
    kind: fc.constant('succeeded' as const),
    tokens: anyOption(fc.tuple(fc.nat(90), fc.nat(90)).map((used) => usage(...used))),
    limits: fc.array(anyReading, { maxLength: 2 }),
    firstByteMs: anyOption(fc.nat(9_000)),
  }),
);
const anyStep = fc.record({
  gapMs: fc.oneof(fc.nat(50), fc.nat(50), fc.nat(4_000), fc.nat(60_000)),
  model: fc.constantFrom('model-a', 'model-b', 'model-c'),
  inputTokens: fc.nat(200),
  outputTokens: fc.nat(100),
  excluded: fc.nat(9),
  ends: fc.nat(9),
  outcome: anyOutcome,
  event: fc.constantFrom('none', 'none', 'none', 'none', 'test', 'clear', 'bench', 'restore', 'configure'),
});
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never;
type AnyAccount = typeof anyAccount extends fc.Arbitrary<infer One> ? One : never;

/** Accounts of any kind, and what may happen to them. */
const anyHistory = [
  fc.array(anyAccount, { minLength: 1, maxLength: 8 }),
  fc.array(anyStep, { maxLength: 60 }),
] as const;

const limitsOfGroup = { rpm: 30, tpm: 900, itpm: null, otpm: null, rpd: null, tpd: null, maxConcurrency: 3 };
const startMs = 1_700_000_000_000;

function specOf(given: AnyAccount, at: number): AccountSpec {
  const { rpm, tpm, maxConcurrency, group, deny, pausedForMs, ...rest } = given;
  return anAccount(`a${at}`, {
    ...rest,
    limits: { rpm, tpm, maxConcurrency },
    models: { allow: [], deny },
    quotaGroup: group === null ? null : { id: group, limits: limitsOfGroup },
    human: pausedForMs === null ? { kind: 'enabled' } : { kind: 'paused', untilMs: startMs + pausedForMs },
  });
}

/** Whatever may let an account admit sooner than it said. */
function happen({ event, excluded, outcome }: Step, pool: PoolInTime, specs: readonly AccountSpec[]): void {
  const id = idOf(`a${excluded % specs.length}`);
  const failed = outcome.kind === 'failed' ? outcome.failure : null;
  switch (event) {
    case 'test':
      recordProbe(
        pool.pool,
        id,
        failed === null ? { ok: true } : { ok: false, failure: failed },
        pool.nowMs,
        () => 0.5,
      );
      break;
    case 'clear':
      clearMachineState(pool.pool, id, pool.nowMs);
      break;
    case 'bench':
      benchAccount(pool.pool, id, 5_000, 'manual', pool.nowMs);
      break;
    case 'restore':
      restoreStates(pool.pool, dumpStates(pool.pool, pool.nowMs), pool.nowMs);
      break;
    case 'none':
      break;
    case 'configure':
      pool.pool.replaceAccounts(
        specs.map((spec, at) => (at === excluded ? { ...spec, human: { kind: 'enabled' } } : spec)),
        pool.nowMs,
      );
  }
}

/** The accounts of the lowest tier that admits an ask, by asking every account. */
function competing(pool: AccountPool, ask: Ask, nowMs: number): string[] {
  const admissible = pool.accounts.filter((account) => isAdmissible(account, ask, nowMs));
  return admissible.filter(({ tier }) => tier === admissible[0]?.tier).map(({ id }) => id);
}

/** Lets a history happen and asks after each step. */
function play(
  accounts: readonly AnyAccount[],
  steps: readonly Step[],
  strategy: SelectionStrategy,
  check: (picked: Reservation | null, expected: readonly string[], pool: PoolInTime, ask: Ask) => void,
): void {
  const specs = accounts.map(specOf);
  const pool = new PoolInTime(specs, { strategy });
  const random = seeded(3);
  pool.nowMs = startMs;
  const open: [Reservation, Outcome][] = [];
  for (const step of steps) {
    pool.pass(step.gapMs);
    for (let ends = step.ends % 3; ends > 0; ends -= 1) {
      const ended = open.shift();
      if (ended !== undefined) pool.settle(...ended);
    }
    happen(step, pool, specs);
    const { model, inputTokens, outputTokens, excluded } = step;
    const ask = anAsk({ model, inputTokens, outputTokens, exclude: excluded > 5 ? [] : [`a${excluded}`] });
    const expected = competing(pool.pool, ask, pool.nowMs);
    const picked = reserveNow(pool.pool, ask, pool.nowMs, random);
    check(picked, expected, pool, ask);
    if (picked !== null) open.push([picked, step.outcome]);
  }
}

/** Sees the whole roster at each pick and takes the one whose turn it is. */
function watching(seen: string[]): SelectionStrategy {
  return {
    ...entropy,
    pick<Some extends Candidate>(roster: Roster<Some>) {
      seen.splice(0, seen.length, ...[...roster].map(({ id }) => id));
      return roster.first();
    },
  };
}

describe('the order in which accounts are looked at', () => {
  it('hides nobody who is admissible and shows nobody who is not', () => {
    fc.assert(
      fc.property(...anyHistory, (accounts, steps) => {
        const seen: string[] = [];
        play(accounts, steps, watching(seen), (picked, expected) => {
          if (picked === null) expect(expected).toEqual([]);
          else expect(seen).toEqual(expected);
        });
      }),
      { numRuns: 400 },
    );
  });

  it.each([entropy, leastLoaded, lowestCost, lowestLatency])('lets $name pick among them all', (strategy) => {
    fc.assert(
      fc.property(...anyHistory, (accounts, steps) => {
        play(accounts, steps, strategy, (picked, expected) => {
          if (picked === null) expect(expected).toEqual([]);
          else expect(expected).toContain(picked.accountId);
        });
      }),
    );
  });

  it('never lets a refused one wait beyond the instant at which it is admitted', () => {
    fc.assert(
      fc.property(...anyHistory, (accounts, steps) => {
        play(accounts, steps, entropy, (picked, _, pool, ask) => {
          if (picked !== null) return;
          const againMs = nextChanceMs(pool.pool, ask, pool.nowMs) ?? Infinity;
          const untilMs = Math.min(againMs, pool.nowMs + 90_000) - 1;
          expect(competing(pool.pool, ask, untilMs)).toEqual([]);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('an account at rest', () => {
  it('serves a smaller ask than the one it was too full for', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { tpm: 100 } })], { safetyMargin: 0 });
    const of = (inputTokens: number) => anAsk({ inputTokens, outputTokens: 0 });
    pool.reserve(of(90));
    expect([50, 20, 11].map((tokens) => pool.reason(of(tokens)))).toEqual(['tpm', 'tpm', 'tpm']);
    expect(pool.reason(of(5))).toBeNull();
  });

  it('serves at once when it turns out that it was not to blame', () => {
    const pool = new PoolInTime(['a', 'b', 'c'].map((id) => anAccount(id)));
    const limited = failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 }));
    pool.call(limited, anAsk({ exclude: ['b', 'c'] }));
    pool.call(limited, anAsk({ exclude: ['a', 'c'] }));
    expect(pool.reason(anAsk({ exclude: ['c'] }))).toBe('cooling');
    pool.call(limited, anAsk({ exclude: ['a', 'b'] }));
    expect(pool.reason(anAsk({ exclude: ['c'] }))).toBeNull();
  });
});

describe('the search for the account that is ready first', () => {
  it('finds the very instant that a look at every account finds, whatever was asked before', () => {
    fc.assert(
      fc.property(...anyHistory, fc.array(fc.nat(300), { minLength: 60 }), (accounts, steps, sizes) => {
        let at = 0;
        play(accounts, steps, entropy, (_picked, _expected, { pool, nowMs }, ask) => {
          const other = { ...ask, inputTokens: sizes[(at += 1)] ?? 0, outputTokens: sizes[at - 1] ?? 0 };
          for (const sought of [ask, other]) {
            const { account, fromMs } = pool.lanes.readyFirst(sought, nowMs, seeded(1));
            const readyMs = pool.accounts.map((one) => Math.max(nowMs, admissibleFromMs(one, sought, nowMs)));
            expect(fromMs).toBe(Math.min(...readyMs));
            if (account === null) expect(fromMs).toBe(Infinity);
            else expect(Math.max(nowMs, admissibleFromMs(account, sought, nowMs))).toBe(fromMs);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it('looks at no more than a few hundred of 10,000 full accounts, and finds one that is ready among the first', () => {
    const limits = { rpm: 6 };
    const specs = Array.from({ length: 10_000 }, (_, at) => anAccount(`a${at}`, { limits }));
    const pool = new PoolInTime(specs);
    for (let call = 0; call < 60_000; call += 1) {
      if (call % 6 === 0) pool.pass(1);
      pool.reserve();
    }
    expect(reserveNow(pool.pool, anAsk(), pool.nowMs, seeded(1))).toBeNull();
    const { fromMs } = pool.pool.lanes.readyFirst(anAsk(), pool.nowMs, seeded(1));
    const soonestMs = Math.min(
      ...pool.pool.accounts.map((one) => admissibleFromMs(one, anAsk(), pool.nowMs)),
    );
    expect(fromMs).toBe(soonestMs);
  });
});
