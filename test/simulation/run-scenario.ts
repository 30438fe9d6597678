import { EventQueue } from './engine/event-queue.js';
import { figuresOf, type Figures } from './figures/figures.js';
import { fluidOf, refillOf } from './figures/supply.js';
import { Witness } from './figures/witness.js';
import { SimGateway } from './gateway/sim-gateway.js';
import { OraclePolicy } from './policies/oracle.js';
import { PeerPolicy, peerRules } from './policies/peers.js';
import { PoolCorePolicy, type PoolCoreOptions } from './policies/pool-core.js';
import type { Policy } from './policies/policy.js';
import { OutsideTraffic } from './provider/outside-traffic.js';
import { SimProvider } from './provider/sim-provider.js';
import type { Scenario } from './scenario.js';
import { sizeOf, type Pace } from './workload/counted.js';
import { rehearsedWorkload } from './workload/rehearsal.js';
import type { SimCall } from './workload/sim-call.js';

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
  ({ scenario, events, provider, seed }) => {
    const specs = scenario.accounts.map(scenario.configured);
    const policy = new PoolCorePolicy(events, specs, { ...scenario, ...options }, seed);
    if (scenario.probes) {
      policy.probe((id) => provider.listModels(provider.account(id), events.nowMs), untilMsOf(scenario));
    }
    return policy;
  };

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
  const { warmUpMs, accounts, faults, limitChange, callerWeight, patienceMs } = scenario;
  const events = new EventQueue(startMs);
  const provider = new SimProvider(accounts, faults, startMs, seed);
  const policy = makePolicy({ scenario, events, provider, seed });
  const fromMs = startMs + warmUpMs;
  const untilMs = untilMsOf(scenario);
  const size = (call: SimCall): number => sizeOf(call, scenario.counted, paceOf(scenario));
  const witness = new Witness(startMs, fromMs, untilMs, { sizeOf: size, weightOf: callerWeight, patienceMs });
  const gateway = new SimGateway(events, provider, policy, witness, scenario);
  const refill = refillOf(provider.accounts, scenario);
  let fluid = 0;
  events.at(fromMs, () => (fluid = fluidOf(provider.accounts, scenario, fromMs)));
  if (limitChange !== null) {
    events.at(startMs + limitChange.atMs, () => provider.scaleLimits(limitChange.factor, events.nowMs));
  }
  const outsiders = outsidersOf(scenario, { events, provider, seed });
  const workload = rehearsedWorkload(scenario, [...refill.values()], size, startMs, seed);
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
  const taken = [...(outsiders?.servedTokens.values() ?? [])].reduce((sum, one) => sum + one, 0);
  const servedTokens = Object.fromEntries(
    provider.accounts.map((account) => [account.truth.id, account.servedTokens]),
  );
  return figuresOf(
    witness,
    { fluid: fluid - taken, refill },
    { leftovers: policy.leftovers(), servedTokens },
  );
}

const untilMsOf = ({ warmUpMs, measuredMs }: Scenario): number => startMs + warmUpMs + measuredMs;

function paceOf({ accounts: [first] }: Scenario): Pace {
  if (first === undefined) throw new Error('a scenario has an account');
  return first;
}

function outsidersOf(
  scenario: Scenario,
  { events, provider, seed }: Omit<Run, 'scenario'>,
): OutsideTraffic | null {
  if (scenario.outsiders === null) return null;
  const fromMs = startMs + scenario.warmUpMs;
  return new OutsideTraffic(events, provider, scenario.outsiders, seed, fromMs, untilMsOf(scenario));
}
