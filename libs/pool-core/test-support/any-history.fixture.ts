import * as fc from 'fast-check';
import { failureClasses } from '#kernel';
import type { AccountSpec } from '../src/account.js';
import type { AccountPool } from '../src/account-pool.js';
import type { Ask } from '../src/ask.js';
import { isAdmissible } from '../src/eligibility.js';
import { benchAccount, clearMachineState, recordProbe } from '../src/interventions.js';
import type { Reservation } from '../src/reservation.js';
import { dumpStates, restoreStates } from '../src/saved-states.js';
import type { SelectionStrategy } from '../src/scheduling/strategy.js';
import { reserveNow } from '../src/select-account.js';
import type { Outcome } from '../src/settle.js';
import { PoolInTime, aFailure, aborted, anAccount, anAsk, failedBy, idOf, seeded, usage } from './a-pool.js';

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
/** Something that happens to a pool, and the ask that follows. */
export type AnyStep = typeof anyStep extends fc.Arbitrary<infer One> ? One : never;
/** An account as a history has it. */
export type AnyAccount = typeof anyAccount extends fc.Arbitrary<infer One> ? One : never;

/** Accounts of any kind, and what may happen to them. */
export const anyHistory = [
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
function happen(
  { event, excluded, outcome }: AnyStep,
  pool: PoolInTime,
  specs: readonly AccountSpec[],
): void {
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
export function competing(pool: AccountPool, ask: Ask, nowMs: number): string[] {
  const admissible = pool.accounts.filter((account) => isAdmissible(account, ask, nowMs));
  return admissible.filter(({ tier }) => tier === admissible[0]?.tier).map(({ id }) => id);
}

/** Lets a history happen and asks after each step. @param foresee is told of each ask before the pick */
export function play(
  accounts: readonly AnyAccount[],
  steps: readonly AnyStep[],
  strategy: SelectionStrategy,
  check: (picked: Reservation | null, expected: readonly string[], pool: PoolInTime, ask: Ask) => void,
  foresee: (pool: PoolInTime, ask: Ask) => void = () => undefined,
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
    foresee(pool, ask);
    const picked = reserveNow(pool.pool, ask, pool.nowMs, random);
    check(picked, expected, pool, ask);
    if (picked !== null) open.push([picked, step.outcome]);
  }
}
