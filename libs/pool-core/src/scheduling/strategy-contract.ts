import { asId } from '#kernel';
import type { AccountId, Random } from '#kernel';
import type { AccountSpec } from '../account.js';
import { AccountPool } from '../account-pool.js';
import type { Ask } from '../ask.js';
import type { PooledAccount } from '../pooled-account.js';
import type { Reservation } from '../reservation.js';
import { reserveNow } from '../select-account.js';
import { settle } from '../settle.js';
import type { Outcome } from '../settle.js';
import type { Candidate, SelectionStrategy } from './strategy.js';

type Rule = (strategy: SelectionStrategy, random: Random) => string | null;

/**
 * What every strategy must keep, as a check that runs anywhere: in the tests of this library and of any other.
 *
 * @param random uniform in [0, 1); seed it to get the same answer twice
 * @returns the rules that were broken, in words; empty when the strategy may be used
 */
export function strategyFaults(strategy: SelectionStrategy, random: Random): string[] {
  return rules.flatMap((rule) => rule(strategy, random) ?? []);
}

const rules: readonly Rule[] = [
  function nameIsAWord({ name }) {
    return /^[a-z]+(-[a-z]+)*$/.test(name) ? null : `name "${name}" is not lower-case words with hyphens`;
  },
  function shuffleIsAShare({ shuffle = 0 }) {
    return shuffle >= 0 && shuffle <= 1 ? null : `shuffle is ${shuffle}, must be in [0, 1]`;
  },
  function onlyCandidateIsPicked(strategy, random) {
    return picksOf(poolOf(strategy, 1), 10, random).size === 1 ? null : 'the only candidate was not picked';
  },
  function pullIsPositive(strategy) {
    const strains = [{}, { headroom: 0.01, health: 0.01 }, { slowness: 100 }, { inFlight: 7 }];
    const pulls = strains.map((strain) => strategy.pull({ ...anyCandidate, ...strain }));
    return pulls.every((pull) => pull > 0 && pull < Infinity) ? null : `pull is not > 0: ${pulls.join(', ')}`;
  },
  function nobodyStarves(strategy, random) {
    const starved = 20 - picksOf(poolOf(strategy, 20), 20_000, random).size;
    return starved === 0 ? null : `${starved} of 20 candidates were never picked in 20,000`;
  },
  function picksFromTheRosterAlone(strategy, random) {
    const pool = poolOf(strategy, 10);
    const excluded = new Set<AccountId>();
    for (const { id } of pool.accounts.slice(1)) {
      excluded.add(id);
      for (const picked of picksOf(pool, 50, random, excluded).keys()) {
        if (excluded.has(picked)) return 'picked what was not on the roster';
      }
    }
    return null;
  },
  function comesBackWithoutABurst(strategy, random) {
    const pool = poolOf(strategy, 4);
    const away = pool.accounts[0] as PooledAccount;
    picksOf(pool, 40, random);
    away.standing.takeOut({ kind: 'open', untilMs: awayUntilMs, rule: 'contract' }, 0);
    picksOf(pool, 1_000, random);
    away.standing.close(0);
    pool.noteChange(away);
    const returned = picksOf(pool, 40, random).get(away.id) ?? 0;
    return returned <= 20 ? null : `an account that returned got ${returned} of the next 40 picks of 4`;
  },
  function remembersNothing(strategy) {
    const alone = namesPicked([poolOf(strategy, 5)]);
    const besideAnother = namesPicked([poolOf(strategy, 5), poolOf(strategy, 5)]);
    return alone === besideAnother ? null : 'two pools that share the strategy influence each other';
  },
];

const awayUntilMs = 1e12;
const anyCandidate: Candidate = {
  id: asId<'Account'>('any'),
  weight: 1,
  costFactor: 1,
  headroom: 1,
  health: 1,
  slowness: 1,
  inFlight: 0,
  maxConcurrency: Infinity,
};
const answered: Outcome = { kind: 'succeeded', tokens: null, limits: [], firstByteMs: 100 };

function poolOf(strategy: SelectionStrategy, accounts: number): AccountPool {
  const pool = new AccountPool({ strategy });
  pool.replaceAccounts(
    Array.from({ length: accounts }, (_, at) => anAccount(at)),
    0,
  );
  return pool;
}

function anAccount(at: number): AccountSpec {
  return {
    id: asId<'Account'>(`account-${at}`),
    weight: 1 + (at % 3),
    tier: 1,
    human: { kind: 'enabled' },
    credentialUsable: true,
    limits: { rpm: null, tpm: null, itpm: null, otpm: null, rpd: null, tpd: null, maxConcurrency: null },
    quotaGroup: null,
    budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
    costFactor: 1,
    models: { allow: [], deny: [] },
  };
}

const askWithout = (exclude: ReadonlySet<AccountId>): Ask => ({
  model: 'any',
  inputTokens: 1,
  outputTokens: 1,
  price: null,
  affinity: null,
  exclude,
});

/** How often each account was picked. Calls are under way for a moment, so that strategies that go by load see some. */
function picksOf(
  pool: AccountPool,
  times: number,
  random: Random,
  exclude: ReadonlySet<AccountId> = new Set(),
): Map<AccountId, number> {
  const picked = new Map<AccountId, number>();
  const underWay: Reservation[] = [];
  for (let pick = 0; pick < times; pick += 1) {
    const reservation = reserveNow(pool, askWithout(exclude), 0, random);
    if (reservation === null) break;
    picked.set(reservation.accountId, (picked.get(reservation.accountId) ?? 0) + 1);
    underWay.push(reservation);
    if (underWay.length > pool.accounts.length) end(pool, underWay.shift());
  }
  for (const reservation of underWay) end(pool, reservation);
  return picked;
}

function end(pool: AccountPool, reservation: Reservation | undefined): void {
  if (reservation !== undefined) settle(pool, reservation, answered, 0, fixedDice());
}

/** What the first of several pools picks when all are picked from in turn; each has its own, equal dice. */
function namesPicked(pools: readonly AccountPool[]): string {
  const dice = pools.map(fixedDice);
  const names = [];
  for (let round = 0; round < 50; round += 1) {
    const [first] = pools.map((pool, at) => reserveNow(pool, askWithout(new Set()), 0, dice[at] as Random));
    names.push(first?.accountId);
  }
  return names.join();
}

function fixedDice(): Random {
  let state = 0.5;
  return () => (state = (state + 0.754_877_666_246_693) % 1);
}
