import type { Scenario } from '../scenario.js';
import { tokensOf, type SimCall } from './sim-call.js';
import { Workload } from './workload.js';

/** Any load: to find out how much of what counts a token brings. */
const probeTokensPerSecond = 50_000;

/**
 * The calls of a scenario. Chance makes a load heavier or lighter than it is meant to be: a dress rehearsal tells by how much,
 * and the calls are spaced accordingly.
 *
 * @param refills of all accounts in the measured span, in the unit that counts
 * @param sizeOf a call in that unit
 */
export function rehearsedWorkload(
  scenario: Scenario,
  refills: readonly number[],
  sizeOf: (call: SimCall) => number,
  startMs: number,
  seed: number,
): Workload {
  const { rho, counted, measuredMs, warmUpMs } = scenario;
  const fromMs = startMs + warmUpMs;
  const perSecond = (rho * refills.reduce((sum, one) => sum + one, 0)) / (measuredMs / 1_000);
  const rehearse = (tokensPerSecond: number, of: (call: SimCall) => number): number => {
    const workload = new Workload({ ...scenario, tokensPerSecond }, seed, startMs);
    let total = 0;
    for (let call = workload.next(); call.arriveMs < fromMs + measuredMs; call = workload.next()) {
      if (call.arriveMs >= fromMs) total += of(call);
    }
    return total;
  };
  const tokensPerUnit =
    counted === 'tokens'
      ? 1
      : rehearse(probeTokensPerSecond, tokensOf) / rehearse(probeTokensPerSecond, sizeOf);
  const wanted = (perSecond * measuredMs) / 1_000;
  const rehearsed = rehearse(perSecond * tokensPerUnit, sizeOf);
  const tokensPerSecond = (perSecond * tokensPerUnit * wanted) / rehearsed;
  return new Workload({ ...scenario, tokensPerSecond }, seed, startMs);
}
