import { asId, type ProviderFailure } from '#kernel';
import { PrometheusMetrics, type Logger } from '#observability';
import type { AccountLimits, AccountSpec, Ask, Reservation } from '#pool-core';
import { noLimits } from '../src/domain/account-limits.js';
import { InProcessPoolStateStore } from '../src/scheduling/in-process-pool-state-store.js';
import { PoolSharing } from '../src/sharing/pool-sharing.js';
import { MemoryChannel, MemorySharingBus } from './memory-sharing-bus.js';

/** The one account. */
export const a = asId<'Account'>('a');
const spec = (limits: Partial<AccountLimits>): AccountSpec => ({
  id: a,
  weight: 1,
  tier: 1,
  human: { kind: 'enabled' },
  credentialUsable: true,
  limits: { ...noLimits, ...limits },
  quotaGroup: null,
  budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
  costFactor: 1,
  models: { allow: [], deny: [] },
});
const ask: Ask = {
  model: 'm',
  inputTokens: 1,
  outputTokens: 1,
  price: null,
  affinity: null,
  exclude: new Set(),
};
const refusedKey: ProviderFailure = {
  class: 'authentication',
  scope: 'account',
  rule: 'key',
  retryAfterMs: null,
};

/** One process of a gateway with one account, which ticks when it is told to. */
export class Replica {
  readonly states = new InProcessPoolStateStore(() => 0.5);
  readonly bus: MemorySharingBus;
  readonly sharing: PoolSharing;
  private readonly metrics = new PrometheusMetrics();
  readonly lines: string[] = [];

  constructor(
    readonly channel: MemoryChannel,
    readonly clock: { nowMs: () => number },
    limits: Partial<AccountLimits>,
  ) {
    this.bus = new MemorySharingBus(channel);
    const note = (line: string): void => void this.lines.push(line);
    const logger: Logger = { debug: note, info: note, warn: note, error: note };
    this.states.configure([{ name: 'p', options: {}, specs: [spec(limits)] }], clock.nowMs());
    this.sharing = new PoolSharing({
      states: this.states,
      bus: this.bus,
      clock,
      logger,
      metrics: this.metrics,
    });
  }

  call(): Reservation | null {
    const decision = this.states.acquire('p', ask, this.clock.nowMs());
    return decision.kind === 'selected' ? decision.reservation : null;
  }

  /** How many calls are admitted until one is refused. */
  callAll(): number {
    let calls = 0;
    while (this.call() !== null) calls += 1;
    return calls;
  }

  get machine(): string {
    return this.states.stateOf('p', a, this.clock.nowMs()).kind;
  }

  /** A figure that is shown of it. */
  async figure(name: string): Promise<string | undefined> {
    return new RegExp(`^${name} (.*)$`, 'm').exec((await this.metrics.expose()).text)?.[1];
  }

  /** Is heard by nobody, and hears nobody, until it is plugged in again. */
  unplug(): void {
    this.channel.buses.delete(this.bus);
  }

  plugIn(): void {
    this.channel.buses.add(this.bus);
  }

  refuseKey(): void {
    this.states.recordTest('p', a, { ok: false, failure: refusedKey }, this.clock.nowMs());
  }
}

/** Replicas on one channel, and their time. */
export class Gateway {
  readonly channel = new MemoryChannel();
  readonly clock: { nowMs: () => number };
  private nowMs = 1_000_000;

  constructor(private readonly limits: Partial<AccountLimits>) {
    this.clock = { nowMs: () => this.nowMs };
  }

  start(): Replica {
    return new Replica(this.channel, this.clock, this.limits);
  }

  /** Lets time pass in which these replicas run. */
  run(ms: number, ...replicas: Replica[]): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 50;
      for (const { sharing } of replicas) sharing.tick();
    }
  }

  /**
   * A burst: each ms each replica is offered so many calls, and looks every 10 ms, one after the other.
   *
   * @returns how many were admitted
   */
  burst(ms: number, callsPerMs: number, ...replicas: Replica[]): number {
    let admitted = 0;
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 1;
      for (const [index, replica] of replicas.entries()) {
        if ((this.nowMs + 3 * index) % 10 === 0) replica.sharing.tick();
        for (let call = 0; call < callsPerMs; call += 1) if (replica.call() !== null) admitted += 1;
      }
    }
    return admitted;
  }

  sleep(ms: number): void {
    this.nowMs += ms;
  }
}
