import { asId, noTokens } from '#kernel';
import {
  AccountPool,
  benchAccount,
  reserveNow,
  selectAccount,
  settle,
  type AccountSpec,
  type Ask,
  type Reservation,
} from '#pool-core';
import { bytesPer, perBatch, time, timeInBatches } from './micro-clock.js';

/** A pool as it may be met. */
interface PoolCase {
  readonly name: string;
  readonly accounts: number;
  /** Of ten accounts, how many rest. */
  readonly coolingOfTen: number;
  readonly limited: boolean;
  readonly specOf: (at: number) => Partial<AccountSpec>;
}

const plain = { coolingOfTen: 0, limited: false, specOf: () => ({}) };
const poolCases: readonly PoolCase[] = [
  ...[10, 500, 10_000].flatMap((accounts) => [
    { ...plain, accounts, name: 'all well' },
    { ...plain, accounts, name: 'all well, limited', limited: true },
  ]),
  ...[10, 500, 10_000].map((accounts) => ({
    ...plain,
    accounts,
    name: '9 of 10 cooling, limited',
    limited: true,
    coolingOfTen: 9,
  })),
  {
    ...plain,
    accounts: 10_000,
    name: '9 of 10 cooling, 10,000 model rules',
    coolingOfTen: 9,
    specOf: (at) => ({ models: { allow: ['gpt-*', `ft:${at}`], deny: [] } }),
  },
  {
    ...plain,
    accounts: 10_000,
    name: 'first two of 3 tiers cooling',
    coolingOfTen: 9,
    specOf: (at) => ({ tier: at % 10 === 0 ? 3 : 1 + (at % 2) }),
  },
];

const noLimits = { rpm: null, tpm: null, itpm: null, otpm: null, rpd: null, tpd: null, maxConcurrency: null };
const someLimits = { ...noLimits, rpm: 1e9, tpm: 1e12, maxConcurrency: 1e6 };
const ask: Ask = {
  model: 'gpt-4o-mini',
  inputTokens: 300,
  outputTokens: 100,
  price: null,
  affinity: null,
  exclude: new Set<never>(),
};
const tokens = { ...noTokens, input: 250, output: 80 };
const outcome = { kind: 'succeeded', tokens, limits: [], firstByteMs: 300 } as const;

function poolOf({ accounts, coolingOfTen, limited, specOf }: PoolCase): AccountPool {
  const pool = new AccountPool();
  const specs = Array.from({ length: accounts }, (_, at): AccountSpec => ({
    id: asId(String(at)),
    weight: 1 + (at % 3),
    tier: 1,
    human: { kind: 'enabled' },
    credentialUsable: true,
    limits: limited ? someLimits : noLimits,
    quotaGroup: null,
    budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
    costFactor: 1,
    models: { allow: [], deny: [] },
    ...specOf(at),
  }));
  pool.replaceAccounts(specs, Date.now());
  for (const [at, { id }] of specs.entries()) {
    if (at % 10 > 9 - coolingOfTen) benchAccount(pool, id, 1e9, 'bench', Date.now());
  }
  return pool;
}

/** Conversations that go on: each call finds its warm account. */
const conversations = Array.from({ length: 10_000 }, (_, at) => ({ ...ask, affinity: `conversation${at}` }));

/** Picks in batches whose settling is not timed. */
function timeSelection(given: PoolCase, asks: readonly Ask[] = [ask]): void {
  const pool = poolOf(given);
  const picked = new Array<Reservation | null>(perBatch).fill(null);
  let next = 0;
  let count = 0;
  const pick = (): void => {
    next = (next + 1) % asks.length;
    picked[count] = reserveNow(pool, asks[next] ?? ask, Date.now(), Math.random);
    if (picked[count] === null) throw new Error('the pool refused');
    count += 1;
  };
  const settleAll = (): void => {
    for (let at = 0; at < count; at++)
      settle(pool, picked[at] as Reservation, outcome, Date.now(), Math.random);
    count = 0;
  };
  const name = `${given.accounts} accounts, ${given.name}`;
  const bytes = bytesPer(pick, settleAll);
  timeInBatches(`pick of ${name} (${bytes} B each)`, pick, settleAll);
  time(`pick and settle of ${name}`, () => {
    pick();
    settleAll();
  });
}

/** Asks a pool of which no account admits anything. */
function timeRefusal(accounts: number, why: 'cooling' | 'full'): void {
  const isFull = why === 'full';
  const pool = poolOf({ ...plain, accounts, name: why, coolingOfTen: isFull ? 0 : 10, limited: isFull });
  for (const account of isFull ? pool.accounts : []) {
    account.limitTo({ ...noLimits, rpm: 1e-3 }, Date.now());
    account.buckets.takeOfEach(ask, Date.now());
  }
  const refuse = (): void => {
    const decision = selectAccount(pool, ask, Date.now(), Math.random);
    if (decision.kind !== 'refused' || decision.earliestMs === null) throw new Error('the pool has chosen');
  };
  const bytes = bytesPer(refuse, () => undefined);
  time(`refusal of ${accounts} accounts, all ${why} (${bytes} B each)`, refuse);
}

/** What choosing an account costs, and that none can be chosen. */
export function timePools(): void {
  time('a look at the clock, which each of the following takes', () => void Date.now());
  for (const poolCase of poolCases) timeSelection(poolCase);
  timeSelection({ ...plain, accounts: 10, name: 'warm conversations' }, conversations);
  for (const accounts of [10, 10_000]) {
    timeRefusal(accounts, 'cooling');
    timeRefusal(accounts, 'full');
  }
}
