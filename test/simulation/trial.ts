import { goodput, leftovers, refusedInVain, waitP50, waitP99, wasted, type Bar } from './bars.js';
import { steady, type Scenario } from './scenario.js';

/** A scenario and what must be reached in it. */
export interface Trial {
  readonly scenario: Scenario;
  readonly bars: readonly Bar[];
  /** Whether to show what the policies of others reach, too. */
  readonly isForPeers: boolean;
}

/** The bars on goodput, waste, refusals and waiting at a load. */
export function loadBars(rho: number): Bar[] {
  const always = [wasted(1), leftovers(0)];
  if (rho <= 0.95) return [...always, goodput(0.995), refusedInVain(0), waitP50(0), waitP99(10)];
  if (rho === 1) return [...always, refusedInVain(1)];
  return [...always, goodput(0.99), refusedInVain(1), waitP99(2_000), ...(rho === 1.2 ? [waitP50(200)] : [])];
}

/** A steady scenario with something changed about it. */
export function trial(name: string, rho: number, change: Partial<Scenario>, bars: readonly Bar[]): Trial {
  const isForPeers = /limits known|bursty|storm|outage|slow|conversations/.test(name);
  return { scenario: steady(rho, { ...change, name: `${name}, ${rho}` }), bars, isForPeers };
}
