import type { Clock, Random } from '#kernel';
import { seededRandom } from '../chance.js';
import type { PlannedFault } from '../fault-book.js';
import type { Provider } from '../provider.js';
import {
  readFault,
  readKey,
  readRevocation,
  readScenario,
  ScenarioFault,
} from '../scenario/read-scenario.js';
import type { KeyAtProvider, Revocation } from '../scenario/read-scenario.js';
import type { Fault } from '../scenario/fault.js';
import type { Scenario } from '../scenario/scenario.js';
import type { LastRequest, Report } from '../witness/report.js';
import type { World } from '../world.js';
import { createWorld } from '../world.js';

/** Everything that can be done to a running simulator, from a program or through `/_control`. */
export class SimulatorControl {
  #world: World;

  constructor(
    scenario: Scenario,
    private readonly clock: Clock,
    private readonly random: Random | undefined,
  ) {
    this.#world = this.#load(readScenario(scenario));
  }

  /** The world as it is now. */
  get world(): World {
    return this.#world;
  }

  /** The scenario as it was loaded; keys, faults and revocations added since are not in it. */
  scenario(): Scenario {
    return this.#world.scenario;
  }

  /**
   * Loads another scenario: full limits, empty caches, empty report.
   *
   * @throws ScenarioFault that lists every fault
   */
  setScenario(scenario: Scenario): void {
    this.#world = this.#load(readScenario(scenario));
  }

  /** Loads the same scenario again; what was added since is gone. */
  reset(): void {
    this.#world = this.#load(this.#world.scenario);
  }

  /**
   * Adds a key or replaces it, with full limits of its own.
   *
   * @throws ScenarioFault when it does not fit or the provider is unknown
   */
  upsertKey(key: KeyAtProvider): void {
    const { provider, ...spec } = readKey(key);
    this.#provider(provider).upsert(spec, this.clock.nowMs());
    this.#world.witness.expect(provider, spec.key);
  }

  /**
   * Ends a key; calls running already go on.
   *
   * @throws ScenarioFault when provider or key is unknown
   */
  revoke(revocation: Revocation): void {
    const { provider, key, afterMs = 0 } = readRevocation(revocation);
    const account = this.#provider(provider).account(key);
    if (!account) throw new ScenarioFault(`revocation.key: ${provider} has no such key`);
    account.revokeFrom(this.clock.nowMs() + afterMs);
  }

  /**
   * Adds a fault behind those planned already.
   *
   * @returns its id
   * @throws ScenarioFault when it does not fit; RangeError beyond 1,000
   */
  addFault(fault: Fault): number {
    return this.#world.faults.add(readFault(fault));
  }

  /** @returns whether there was such a fault */
  removeFault(id: number): boolean {
    return this.#world.faults.remove(id);
  }

  clearFaults(): void {
    this.#world.faults.clear();
  }

  faults(): readonly PlannedFault[] {
    return this.#world.faults.list();
  }

  report(): Report {
    return this.#world.witness.report(this.clock.nowMs());
  }

  /** The last request a provider has received, whether or not it was accepted; null before the first. */
  lastRequest(provider: string): LastRequest | null {
    return this.#world.witness.lastRequest(provider);
  }

  #load(scenario: Scenario): World {
    return createWorld(scenario, this.clock, this.random ?? seededRandom(scenario.seed ?? 1));
  }

  #provider(name: string): Provider {
    const provider = this.#world.providers.get(name);
    if (!provider) throw new ScenarioFault(`provider: the scenario has no ${name}`);
    return provider;
  }
}
