import type { AccountLimits, AccountSpec } from '#pool-core';
import {
  allBack,
  goodput,
  heaviest,
  jain,
  leastUsed,
  leftovers,
  mostUsed,
  overdue,
  refused,
  refusedInVain,
  servedInAll,
  waitP50,
  waitP99,
  wasted,
  type Bar,
} from './bars.js';
import type { AccountTruth, Fault } from './provider/account-truth.js';
import { baseTpm, exactly, noLimits, scaledAccounts, steady, unset, type Scenario } from './scenario.js';
import { loadBars, trial, type Trial } from './trial.js';

const minuteMs = 60_000;

/** Ten accounts with limits of other kinds. */
export const limitedBy = (limitsOf: (scale: number) => Partial<AccountLimits>): AccountTruth[] =>
  scaledAccounts(10).map((truth) => ({ ...truth, limits: { ...noLimits, ...limitsOf(truth.scale) } }));

const split = (itpm: number, otpm: number): AccountTruth[] =>
  limitedBy((scale) => ({ itpm: itpm * scale, otpm: otpm * scale }));

/** The limit that runs out first is another one: Anthropic splits tokens, small calls run into requests, own servers have slots. */
const kinds: readonly (readonly [string, Partial<Scenario>])[] = [
  ['answers limited', { accounts: split(120_000, 25_000), counted: 'output_tokens' }],
  ['prompts limited', { accounts: split(75_000, 45_000), counted: 'input_tokens' }],
  ['prompts limited, unset', { accounts: split(75_000, 45_000), counted: 'input_tokens', configured: unset }],
  [
    'requests limited',
    {
      accounts: limitedBy((scale) => ({ rpm: 60 * scale, tpm: baseTpm * scale })),
      counted: 'requests',
      promptTokens: 100,
    },
  ],
  [
    'calls at once limited',
    { accounts: limitedBy((scale) => ({ maxConcurrency: 4 * scale })), counted: 'slot_ms' },
  ],
];
const otherLimits = kinds.flatMap(([name, change]) =>
  [0.8, 1.2].map((rho) => trial(name, rho, change, loadBars(rho))),
);

/** One account has a limit per day besides, which lasts until about the middle of the measured span. */
const withDay = (candour: AccountTruth['candour']): AccountTruth[] =>
  scaledAccounts(10, { candour }).map((truth) =>
    truth.id === 'a009' ? { ...truth, limits: { ...truth.limits, tpd: 4.2 * baseTpm * truth.scale } } : truth,
  );
const withoutDay = (truth: AccountTruth): AccountSpec =>
  exactly({ ...truth, limits: { ...truth.limits, tpd: null } });
const used = [goodput(0.995), refusedInVain(0), leftovers(0), waitP50(0), waitP99(10)];
const days = [
  trial('day used up', 0.7, { accounts: withDay('headers') }, [...used, wasted(1)]),
  trial('day used up', 1.2, { accounts: withDay('headers') }, loadBars(1.2)),
  trial('day used up, unknown', 0.7, { accounts: withDay('headers'), configured: withoutDay }, [
    ...used,
    wasted(1),
  ]),
  trial('day used up, unknown, no hints', 0.7, { accounts: withDay('nothing'), configured: withoutDay }, [
    ...used,
    wasted(2),
  ]),
];

/** An account may spend so much in a day, and the others all they can. */
export const withBudget = (id: string, tokens: number): Partial<Scenario> => ({
  tokenNanoUsd: 1_000,
  configured: (truth) => ({
    ...exactly(truth),
    budget: { dailyNanoUsd: truth.id === id ? tokens * 1_000 : null, monthlyNanoUsd: null },
  }),
});

const budgetTokens = 3_000_000;
const budgets = [
  trial(
    'budget spent',
    0.7,
    withBudget('a006', budgetTokens),
    // A call may cost more than was expected of it, never more than its longest answer.
    [...used, wasted(1), servedInAll('a006')(budgetTokens + 20_000)],
  ),
];

const firstTier = ['a000', 'a001', 'a002', 'a003', 'a004'];
export const secondTier = ['a005', 'a006', 'a007', 'a008', 'a009'];
/** The smaller half is tried first. */
export const inTiers = (truth: AccountTruth): AccountSpec => ({
  ...exactly(truth),
  tier: firstTier.includes(truth.id) ? 1 : 2,
});
/** Load over what the first tier alone refills. */
const tiered = (load: number, bars: readonly Bar[]): Trial =>
  trial(
    `tiers, first at ${load}`,
    Number(((load * 15) / 55).toFixed(3)),
    {
      configured: inTiers,
      // Its buckets are full at the beginning, and must be used up as if there were no others.
      warmUpMs: 6 * minuteMs,
    },
    [...loadBars(0.5), ...bars],
  );
const tiers = [tiered(0.5, [mostUsed(secondTier)(0)]), tiered(1.5, [leastUsed(firstTier)(0.99)])];

const overload = loadBars(1.2);
const callersDiffer = [
  trial('short patience', 1.2, { patienceMs: (caller) => (caller % 2 === 0 ? 300 : Infinity) }, [
    ...overload,
    overdue(0),
  ]),
  trial('weights 4 to 1', 1.2, { callerWeight: (caller) => (caller % 2 === 0 ? 4 : 1) }, [
    ...overload,
    jain(0.95),
    heaviest(1.5),
  ]),
];

/** Two minutes into the measured span all limits change; the load is so heavy that they are used up before and after. */
const changed = (
  name: string,
  rho: number,
  factor: number,
  change: Partial<Scenario>,
  bars: readonly Bar[],
): Trial =>
  trial(name, rho, { limitChange: { atMs: 5 * minuteMs, factor }, warmUpMs: 3 * minuteMs, ...change }, [
    refusedInVain(1),
    leftovers(0),
    waitP99(2_000),
    ...bars,
  ]);
const silent = { accounts: scaledAccounts(10, { candour: 'nothing' }), configured: unset };
const changes = [
  changed('limits doubled', 1.4, 2, {}, [goodput(0.99), wasted(1)]),
  changed('limits halved', 1.9, 0.5, {}, [goodput(0.99), wasted(2)]),
  changed('limits doubled, no hints', 1.4, 2, silent, [goodput(0.9), wasted(50)]),
  changed('limits halved, no hints', 1.9, 0.5, silent, [goodput(0.98), wasted(50)]),
];

const outsiders = { accounts: secondTier, share: 0.3 };
const shared = [0.8, 1.2].map((rho) =>
  trial('outsiders take 30 % of five', rho, { outsiders }, loadBars(rho)),
);

/** Few calls: their median wait is a matter of chance. */
const ofFew = [goodput(0.99), wasted(1), refusedInVain(1), leftovers(0), waitP99(2_000)];
const small = [1, 2].flatMap((count) =>
  [0.8, 1.2].map((rho) =>
    trial(
      `${count} account${count === 1 ? '' : 's'}`,
      rho,
      { accounts: scaledAccounts(count, {}, 10 / count) },
      rho < 1 ? loadBars(rho) : ofFew,
    ),
  ),
);

const probed = (name: string, fault: Partial<Fault>): Trial => {
  const { warmUpMs } = steady(0.5);
  const fromMs = warmUpMs + minuteMs;
  const outage = {
    kind: 'outage' as const,
    fromMs,
    untilMs: fromMs + 4 * minuteMs,
    accounts: ['a006'],
    ...fault,
  };
  return trial(name, 0.5, { probes: true, faults: [outage] }, [
    wasted(2),
    refused(0),
    leftovers(0),
    allBack(30),
  ]);
};
const probes = [
  probed('outage of one, 4 min, probed', {}),
  probed('outage of one, 4 min, probes pass', { spares: 'listing' }),
];

/** Limits of other kinds, callers of other kinds, and what a provider or others do beside the traffic. */
export const specialCatalogue: readonly Trial[] = [
  ...otherLimits,
  ...days,
  ...budgets,
  ...tiers,
  ...callersDiffer,
  ...changes,
  ...shared,
  ...small,
  ...probes,
];
