import {
  burntKnowingly,
  cacheHits,
  goodput,
  leftovers,
  mostUsed,
  refusedInVain,
  servedInAll,
  waitP50,
  waitP99,
  wasted,
  type Bar,
} from './bars.js';
import { inTiers, limitedBy, secondTier, withBudget } from './special-catalogue.js';
import type { Trial } from './trial.js';
import type { Fault } from './provider/account-truth.js';
import { scaledAccounts, steady, unset, wrongBy, type Scenario } from './scenario.js';

const minuteMs = 60_000;

function brief(name: string, rho: number, change: Partial<Scenario>, bars: readonly Bar[]): Trial {
  const scenario = steady(rho, { warmUpMs: 1.5 * minuteMs, measuredMs: minuteMs, ...change, name });
  return { scenario, bars: [...bars, leftovers(0)], isForPeers: false };
}

const fault = (kind: Fault['kind'], minutes: number, accounts: Fault['accounts']): Fault => ({
  kind,
  fromMs: 1.6 * minuteMs,
  untilMs: (1.6 + minutes) * minuteMs,
  accounts,
});

const relaxed = [goodput(0.995), wasted(1), refusedInVain(0), waitP50(0), waitP99(10)];
// What is in stock and under way weighs more in a short run: a point less than in the long ones.
const longer = { measuredMs: 2.5 * minuteMs };
const overloaded = [goodput(0.98), wasted(1), waitP99(2_000)];

/** What holds and must go on holding, small enough for the tests. */
export const briefCatalogue: readonly Trial[] = [
  ...[0.5, 0.8, 0.95].map((rho) => brief(`load ${rho}`, rho, {}, relaxed)),
  brief('overload, limits known', 2, longer, overloaded),
  brief('overload, limits 30 % wrong', 2, { ...longer, configured: wrongBy(1.3, 0.7) }, overloaded),
  brief('overload, limits unset', 2, { ...longer, configured: unset }, overloaded),
  brief(
    'overload, no headers',
    2,
    { ...longer, accounts: scaledAccounts(10, { candour: 'nothing' }) },
    overloaded,
  ),
  brief(
    'answers limited',
    0.8,
    {
      accounts: limitedBy((scale) => ({ itpm: 120_000 * scale, otpm: 25_000 * scale })),
      counted: 'output_tokens',
    },
    relaxed,
  ),
  brief('overload, limits halved', 3, { ...longer, limitChange: { atMs: 1.8 * minuteMs, factor: 0.5 } }, [
    goodput(0.97),
    wasted(2),
  ]),
  brief('budget spent', 0.7, withBudget('a006', 900_000), [...relaxed, servedInAll('a006')(920_000)]),
  brief('tiers', 0.136, { configured: inTiers }, [...relaxed, mostUsed(secondTier)(0)]),
  brief('conversations', 0.8, { conversations: true }, [cacheHits(0.99), wasted(1)]),
  brief('key revoked', 0.8, { faults: [fault('revoked', 60, ['a006'])] }, [
    burntKnowingly(0),
    goodput(0.995),
  ]),
  brief('credit spent', 0.8, { faults: [fault('credit_spent', 60, ['a006'])] }, [
    burntKnowingly(0),
    goodput(0.995),
  ]),
  brief('outage of all', 0.8, { faults: [fault('outage', 0.3, null)] }, []),
  brief('brown-out of all', 0.8, { faults: [fault('brown_out', 0.3, null)] }, []),
  brief('storm of 429s', 0.8, { faults: [fault('storm', 0.3, null)] }, []),
];
