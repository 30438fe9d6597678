import { EventQueue } from './engine/event-queue.js';
import { figuresOf, type Figures, type Supply } from './figures/figures.js';
import { Witness } from './figures/witness.js';
import { SimGateway } from './gateway/sim-gateway.js';
import { OraclePolicy } from './policies/oracle.js';
import { PeerPolicy, peerRules } from './policies/peers.js';
import { PoolCorePolicy, type PoolCoreOptions } from './policies/pool-core.js';
import type { Policy } from './policies/policy.js';
import { SimProvider } from './provider/sim-provider.js';
import type { Scenario } from './scenario.js';
import { tokensOf } from './workload/sim-call.js';
import { Workload } from './workload/workload.js';

/** Some Thursday, UTC: a whole minute, hour and day. */
const startMs = Date.UTC(2026, 0, 1);

/** Load goes on after the measured span until nobody measured is away any more, so that they meet what they met before; at most: */
const longestReturningMs = 60 * 60_000;

/** What a run is made of, for those who make a policy for it. */
interface Run {
  readonly scenario: Scenario;
  readonly events: EventQueue;
  readonly provider: SimProvider;
  readonly seed: number;
}

/** Makes a policy for a run. */
export type PolicyMaker = (run: Run) => Policy;

/** The pool as it is. */
export const poolCore =
  (options: PoolCoreOptions = {}): PolicyMaker =>
  ({ scenario, events, seed }) =>
    new PoolCorePolicy(
      events,
      scenario.accounts.map(scenario.configured),
      { answerHold: scenario.answerHold, ...options },
      seed,
    );

/** Who knows everything. */
export const oracle: PolicyMaker = ({ events, provider }) => new OraclePolicy(events, provider);

/** What others do. */
export const peers: readonly PolicyMaker[] = peerRules.map(
  (rule) =>
    ({ scenario, events, seed }) =>
      new PeerPolicy(rule, events, scenario.accounts, seed),
);

/** Runs a scenario to the end of its last call. The same seed gives the same figures, and every policy the same calls. */
export function runScenario(scenario: Scenario, makePolicy: PolicyMaker, seed: number): Figures {
  const { warmUpMs, measuredMs, accounts, faults } = scenario;
  const events = new EventQueue(startMs);
  const provider = new SimProvider(accounts, faults, startMs, seed);
  const policy = makePolicy({ scenario, events, provider, seed });
  const fromMs = startMs + warmUpMs;
  const untilMs = fromMs + measuredMs;
  const witness = new Witness(startMs, fromMs, untilMs);
  const gateway = new SimGateway(events, provider, policy, witness, scenario.callersReturn);
  const refill = refillTokens(provider, measuredMs);
  let stockTokens = 0;
  events.at(fromMs, () => (stockTokens = stockOf(provider, fromMs)));

  const perSecond = [...refill.values()].reduce((sum, one) => sum + one, 0) / (measuredMs / 1_000);
  const workload = workloadOf(scenario, scenario.rho * perSecond, seed);
  const nextArrival = (): void => {
    const call = workload.next();
    if (call.arriveMs >= untilMs + (gateway.measuredAway > 0 ? longestReturningMs : 0)) return;
    events.at(call.arriveMs, () => {
      gateway.arrive(call);
      nextArrival();
    });
  };
  nextArrival();
  events.run();
  const supply: Supply = { stockTokens, refillTokens: refill };
  return figuresOf(witness, supply, policy.leftovers());
}

/**
 * Chance makes a load heavier or lighter than it is meant to be: a dress rehearsal tells by how much, and the calls are
 * spaced accordingly.
 */
function workloadOf(scenario: Scenario, tokensPerSecond: number, seed: number): Workload {
  const fromMs = startMs + scenario.warmUpMs;
  const untilMs = fromMs + scenario.measuredMs;
  const rehearsal = new Workload({ ...scenario, tokensPerSecond }, seed, startMs);
  let tokens = 0;
  for (let call = rehearsal.next(); call.arriveMs < untilMs; call = rehearsal.next()) {
    if (call.arriveMs >= fromMs) tokens += tokensOf(call);
  }
  const wanted = (tokensPerSecond * scenario.measuredMs) / 1_000;
  return new Workload({ ...scenario, tokensPerSecond: (tokensPerSecond * wanted) / tokens }, seed, startMs);
}

/** Tokens that each account, or each organisation, refills in a span. */
function refillTokens({ accounts }: SimProvider, spanMs: number): Map<string, number> {
  return new Map(
    accounts.flatMap(({ truth, buckets }) => {
      const tokens = buckets.find(({ unit }) => unit === 'tokens');
      if (tokens === undefined) return [];
      return [[truth.organisation ?? truth.id, (tokens.limit * spanMs) / tokens.windowMs]];
    }),
  );
}

function stockOf({ accounts }: SimProvider, nowMs: number): number {
  const buckets = new Set(
    accounts.flatMap((account) => account.buckets.filter(({ unit }) => unit === 'tokens')),
  );
  return [...buckets].reduce((sum, bucket) => sum + Math.max(0, bucket.levelAt(nowMs)), 0);
}
