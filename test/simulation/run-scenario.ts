import type { PoolOptions } from '#pool-core';
import { EventQueue } from './engine/event-queue.js';
import { figuresOf, type Figures, type Supply } from './figures/figures.js';
import { Witness } from './figures/witness.js';
import { SimGateway } from './gateway/sim-gateway.js';
import { OraclePolicy } from './policies/oracle.js';
import { PeerPolicy, peerRules } from './policies/peers.js';
import { PoolCorePolicy } from './policies/pool-core.js';
import type { Policy } from './policies/policy.js';
import { SimProvider } from './provider/sim-provider.js';
import type { Scenario } from './scenario.js';
import { Workload } from './workload/workload.js';

/** Some Thursday, UTC: a whole minute, hour and day. */
const startMs = Date.UTC(2026, 0, 1);

/** Makes a policy for a run. */
export type PolicyMaker = (scenario: Scenario, provider: SimProvider, seed: number) => Policy;

/** The pool as it is. */
export const poolCore =
  (options: Partial<PoolOptions> = {}): PolicyMaker =>
  ({ accounts, configured }, _provider, seed) =>
    new PoolCorePolicy(accounts.map(configured), options, startMs, seed);

/** Who knows everything. */
export const oracle: PolicyMaker = (_scenario, provider) => new OraclePolicy(provider);

/** What others do. */
export const peers: readonly PolicyMaker[] = peerRules.map(
  (rule) =>
    ({ accounts }, _provider, seed) =>
      new PeerPolicy(rule, accounts, seed),
);

/** Runs a scenario to the end of its last call. The same seed gives the same figures, and every policy the same calls. */
export function runScenario(scenario: Scenario, makePolicy: PolicyMaker, seed: number): Figures {
  const { warmUpMs, measuredMs, accounts, faults } = scenario;
  const events = new EventQueue(startMs);
  const provider = new SimProvider(accounts, faults, startMs, seed);
  const policy = makePolicy(scenario, provider, seed);
  const fromMs = startMs + warmUpMs;
  const untilMs = fromMs + measuredMs;
  const witness = new Witness(startMs, fromMs, untilMs);
  const gateway = new SimGateway(events, provider, policy, witness);
  const refill = refillTokens(provider, measuredMs);
  let stockTokens = 0;
  events.at(fromMs, () => (stockTokens = stockOf(provider, fromMs)));

  const perSecond = [...refill.values()].reduce((sum, one) => sum + one, 0) / (measuredMs / 1_000);
  const workload = new Workload({ ...scenario, tokensPerSecond: scenario.rho * perSecond }, seed, startMs);
  const nextArrival = (): void => {
    const call = workload.next();
    if (call.arriveMs >= untilMs) return;
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

/** Tokens each account refills in a span; an organisation's are its first account's. */
function refillTokens({ accounts }: SimProvider, spanMs: number): Map<string, number> {
  const seen = new Set<unknown>();
  return new Map(
    accounts.flatMap(({ truth, buckets }) => {
      const tokens = buckets.find(({ unit }) => unit === 'tokens');
      if (tokens === undefined || seen.has(tokens)) return [];
      seen.add(tokens);
      return [[truth.id, (tokens.limit * spanMs) / tokens.windowMs]];
    }),
  );
}

function stockOf({ accounts }: SimProvider, nowMs: number): number {
  const buckets = new Set(
    accounts.flatMap((account) => account.buckets.filter(({ unit }) => unit === 'tokens')),
  );
  return [...buckets].reduce((sum, bucket) => sum + Math.max(0, bucket.levelAt(nowMs)), 0);
}
