import {
  allBack,
  burntKnowingly,
  cacheHits,
  firstBack,
  goodput,
  goodputLostToOracle,
  heaviest,
  jain,
  leftovers,
  refusedInVain,
  returnSlack,
  servedOnReturn,
  slowdown,
  spread,
  wasted,
  type Bar,
} from './bars.js';
import type { Fault } from './provider/account-truth.js';
import { scaledAccounts, steady, unset, wrongBy } from './scenario.js';
import { loadBars, trial, type Trial } from './trial.js';
import { specialCatalogue } from './special-catalogue.js';

const minuteMs = 60_000;
const rhos = [0.5, 0.8, 0.95, 1, 1.2, 2] as const;

const evenness = (rho: number): Bar => spread(rho < 0.95 ? 0.08 : 0.03);

const steadyState = rhos.map((rho) => trial('limits known', rho, {}, [...loadBars(rho), evenness(rho)]));

const misconfigured = [0.95, 1.2, 2].flatMap((rho) => [
  trial('limits +30 %', rho, { configured: wrongBy(1.3) }, loadBars(rho)),
  trial('limits -30 %', rho, { configured: wrongBy(0.7) }, loadBars(rho)),
  trial('limits +/-30 %', rho, { configured: wrongBy(1.3, 0.7) }, loadBars(rho)),
  trial('limits unset', rho, { configured: unset }, loadBars(rho)),
]);

const bursty = [0.8, 0.95, 1.2].map((rho) =>
  trial('bursty', rho, { arrivals: 'bursty' }, [
    goodputLostToOracle(0.005),
    wasted(1),
    refusedInVain(1),
    leftovers(0),
  ]),
);

const returning = [
  trial('callers return after a flash', 0.9, { arrivals: 'flash', callersReturn: true }, [
    servedOnReturn(0.95),
    returnSlack(0.2),
    wasted(1),
    refusedInVain(1),
    leftovers(0),
  ]),
  trial('callers return', 1.2, { callersReturn: true }, [
    servedOnReturn(0.95),
    returnSlack(0.2),
    wasted(1),
    refusedInVain(1),
    leftovers(0),
  ]),
];

const heldWhole = { accounts: scaledAccounts(10, { answerHold: 4_096 }) };

const stingy = [
  trial('answers held whole', 0.8, { ...heldWhole, answerHold: { unboundedTokens: 4_096 } }, loadBars(0.8)),
  trial('answers held whole', 1.2, { ...heldWhole, answerHold: { unboundedTokens: 4_096 } }, loadBars(1.2)),
  trial('answers held whole, unknown', 1.2, heldWhole, loadBars(1.2)),
  trial('prompts held alone', 1.2, { accounts: scaledAccounts(10, { answerHold: 0 }) }, loadBars(1.2)),
  trial(
    'Retry-After alone, unset',
    1.2,
    { accounts: scaledAccounts(10, { candour: 'retry-after' }), configured: unset },
    [goodput(0.99), wasted(50), refusedInVain(1), leftovers(0)],
  ),
  trial('no hints, unset', 0.8, { accounts: scaledAccounts(10, { candour: 'nothing' }), configured: unset }, [
    goodput(0.99),
    wasted(50),
    refusedInVain(0),
    leftovers(0),
  ]),
  trial('no hints, unset', 1.2, { accounts: scaledAccounts(10, { candour: 'nothing' }), configured: unset }, [
    goodput(0.99),
    wasted(50),
    refusedInVain(1),
    leftovers(0),
  ]),
  trial(
    'no hints, limits known',
    1.2,
    { accounts: scaledAccounts(10, { candour: 'nothing' }) },
    loadBars(1.2),
  ),
];

const conversing = rhos.map((rho) =>
  trial('conversations', rho, { conversations: true, warmUpMs: 6 * minuteMs }, [
    cacheHits(rho <= 0.95 ? 0.99 : rho === 1 ? 0.93 : 0.7),
    evenness(rho),
    wasted(1),
    refusedInVain(rho <= 0.95 ? 0 : 1),
    leftovers(0),
  ]),
);

const fairly = [trial('10,000 callers', 1.2, {}, [jain(0.95), heaviest(1.5), refusedInVain(1)])];

/** Strikes when the measured span is two minutes old. */
const fault =
  (kind: Fault['kind'], minutes: number, accounts: Fault['accounts']) =>
  (fromMs: number): Fault => ({ kind, fromMs, untilMs: fromMs + minutes * minuteMs, accounts });
const faulty = (name: string, rho: number, one: ReturnType<typeof fault>, bars: readonly Bar[]): Trial =>
  trial(name, rho, { faults: [one(steady(rho).warmUpMs + 2 * minuteMs)] }, [
    wasted(2),
    leftovers(0),
    ...bars,
  ]);

/** Whoever is refused while nobody knows yet that all is well again is refused in vain: so many s of the 7 min. */
const firstBackWithin = (seconds: number): Bar[] => [
  firstBack(seconds),
  refusedInVain(1 + (1_000 * seconds) / 420),
];
const unnoticed = refusedInVain(0);

const faults = [
  faulty('key revoked', 0.8, fault('revoked', 100, ['a006']), [burntKnowingly(0), unnoticed]),
  faulty('credit spent', 0.8, fault('credit_spent', 100, ['a006']), [burntKnowingly(0), unnoticed]),
  faulty('brown-out of one, 2 min', 0.5, fault('brown_out', 2, ['a006']), [unnoticed]),
  faulty('outage of one, 2 min', 0.5, fault('outage', 2, ['a006']), [allBack(15), unnoticed]),
  faulty('outage of all, 1 min', 0.5, fault('outage', 1, null), firstBackWithin(10)),
  faulty('storm of 429s, 10 s', 0.8, fault('storm', 1 / 6, null), firstBackWithin(0.5)),
  faulty('storm of 429s, 10 s', 1.2, fault('storm', 1 / 6, null), firstBackWithin(0.5)),
  faulty('slow account', 0.5, fault('slow', 100, ['a006']), [slowdown(1.6), unnoticed]),
  faulty('slow account', 0.8, fault('slow', 100, ['a006']), [slowdown(1.6), unnoticed]),
];

const atHour = (hours: number, minutes: number, kind: Fault['kind'], accounts: Fault['accounts']): Fault => ({
  kind,
  fromMs: hours * 60 * minuteMs,
  untilMs: (hours * 60 + minutes) * minuteMs,
  accounts,
});

/** Two hours with one fault after the other, at a quarter of the usual size. */
const everything = trial(
  'all faults in 2 h',
  0.6,
  {
    accounts: scaledAccounts(10, {}, 1 / 4),
    warmUpMs: 10 * minuteMs,
    measuredMs: 120 * minuteMs,
    faults: [
      atHour(0.25, 10, 'brown_out', ['a005']),
      atHour(0.5, 1 / 6, 'storm', null),
      atHour(0.6, 5, 'outage', ['a007']),
      atHour(0.8, 10, 'slow', ['a004']),
      atHour(1, 0.5, 'outage', null),
      atHour(1.25, 20, 'credit_spent', ['a003']),
      atHour(1.5, 600, 'revoked', ['a002']),
    ],
  },
  [wasted(5), refusedInVain(1), leftovers(0)],
);

const organisation = { accounts: scaledAccounts(10).map(paired) };

/** Two keys on each of five organisations. */
function paired(truth: ReturnType<typeof scaledAccounts>[number], at: number): typeof truth {
  const first = at - (at % 2);
  const { limits, scale } = scaledAccounts(10)[first] as typeof truth;
  return { ...truth, scale, limits, organisation: `org-${first}` };
}

const organisations = [0.8, 1.2].flatMap((rho) => [
  trial('organisations, undeclared', rho, organisation, loadBars(rho)),
  trial(
    'organisations, declared',
    rho,
    {
      ...organisation,
      configured: (truth) => ({
        ...unset(truth),
        quotaGroup: { id: truth.organisation ?? truth.id, limits: truth.limits },
      }),
    },
    loadBars(rho),
  ),
]);

/** Two keys on each of five organisations that are limited alike. */
const alike = scaledAccounts(10, { scale: 5, limits: scaledAccounts(10)[4]?.limits }).map((truth, at) => ({
  ...truth,
  organisation: `org-${at - (at % 2)}`,
}));
organisations.push(trial('organisations alike, undeclared', 1.2, { accounts: alike }, loadBars(1.2)));

const many = [
  trial('500 accounts', 1.2, { accounts: scaledAccounts(500, {}, 1 / 20), measuredMs: 3 * minuteMs }, [
    goodput(0.94),
    wasted(1),
    refusedInVain(1),
    leftovers(0),
  ]),
];

/** Everything that is measured. */
export const catalogue: readonly Trial[] = [
  ...steadyState,
  ...misconfigured,
  ...bursty,
  ...returning,
  ...stingy,
  ...conversing,
  ...fairly,
  ...faults,
  everything,
  ...organisations,
  ...specialCatalogue,
  ...many,
];
