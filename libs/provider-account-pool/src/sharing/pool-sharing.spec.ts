import { describe, expect, it } from '@jest/globals';
import { asId, type ProviderFailure } from '#kernel';
import type { Logger } from '#observability';
import type { AccountLimits, AccountSpec, Ask, Reservation } from '#pool-core';
import { MemoryChannel, MemorySharingBus } from '../../test-support/memory-sharing-bus.js';
import { sharingBusContract } from '../../test-support/sharing-bus.contract.js';
import { noLimits } from '../domain/account-limits.js';
import { InProcessPoolStateStore } from '../scheduling/in-process-pool-state-store.js';
import { PoolSharing } from './pool-sharing.js';

const a = asId<'Account'>('a');
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

class Replica {
  readonly states = new InProcessPoolStateStore(() => 0.5);
  readonly bus: MemorySharingBus;
  readonly sharing: PoolSharing;
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
    this.sharing = new PoolSharing({ states: this.states, bus: this.bus, clock, logger });
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

  refuseKey(): void {
    this.states.recordTest('p', a, { ok: false, failure: refusedKey }, this.clock.nowMs());
  }
}

/** Replicas on one channel, and their time. */
class Gateway {
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

  sleep(ms: number): void {
    this.nowMs += ms;
  }
}

sharingBusContract('a bus in memory', () => {
  const channel = new MemoryChannel();
  const set = (isCut: boolean) => (): Promise<void> => {
    channel.isCut = isCut;
    return Promise.resolve();
  };
  const [one, other] = [new MemorySharingBus(channel), new MemorySharingBus(channel)];
  return Promise.resolve({ one, other, cut: set(true), mend: set(false) });
});

describe('replicas', () => {
  it('admit together what an account admits, and know of a refused key at the next look', () => {
    const gateway = new Gateway({ rpd: 100 });
    const [one, other] = [gateway.start(), gateway.start()];
    gateway.run(100, one, other);
    for (let call = 0; call < 60; call += 1) one.call();
    gateway.run(50, one, other);
    expect(other.callAll()).toBe(38);
    one.refuseKey();
    gateway.run(50, one, other);
    expect(other.machine).toBe('auth_failed');
  });

  it('count calls under way of one that leaves or is killed no more', () => {
    const gateway = new Gateway({ maxConcurrency: 6 });
    const [stays, leaves, killed] = [gateway.start(), gateway.start(), gateway.start()];
    gateway.run(100, stays, leaves, killed);
    for (let call = 0; call < 2; call += 1) for (const one of [leaves, killed]) one.call();
    gateway.run(100, stays, leaves, killed);
    expect(stays.callAll()).toBe(2);
    leaves.sharing.onApplicationShutdown();
    expect(stays.callAll()).toBe(2);
    killed.bus.close();
    gateway.run(2_900, stays);
    expect(stays.callAll()).toBe(0);
    gateway.run(300, stays);
    expect(stays.callAll()).toBe(2);
  });

  it('tell one that starts later what is under way and held', () => {
    const gateway = new Gateway({ maxConcurrency: 6 });
    const first = gateway.start();
    gateway.run(100, first);
    first.call();
    gateway.run(100, first);
    const second = gateway.start();
    gateway.run(150, first, second);
    expect(second.callAll()).toBe(5);
    first.refuseKey();
    gateway.run(100, first, second);
    const third = gateway.start();
    gateway.run(150, first, second, third);
    expect(third.machine).toBe('auth_failed');
  });

  it('tell one that starts later what is missing, and nobody else', () => {
    const gateway = new Gateway({ rpd: 100 });
    const first = gateway.start();
    gateway.run(2_000, first);
    for (let call = 0; call < 60; call += 1) first.call();
    gateway.run(100, first);
    const second = gateway.start();
    gateway.run(200, first, second);
    const third = gateway.start();
    gateway.run(200, first, second, third);
    expect(second.callAll()).toBe(38);
    gateway.run(100, first, second, third);
    expect([first.callAll(), third.callAll()]).toEqual([0, 0]);
  });

  it('split limits while they hear nothing of themselves, say so once, and share again when all are back', () => {
    const gateway = new Gateway({ rpd: 1_000 });
    const [one, other] = [gateway.start(), gateway.start()];
    gateway.run(500, one, other);
    gateway.channel.isCut = true;
    gateway.run(1_500, one, other);
    expect([one.callAll(), other.callAll()]).toEqual([490, 490]);
    one.refuseKey();
    gateway.run(6_000, one, other);
    expect(one.bus.renewals).toBe(1);
    expect(other.machine).toBe('closed');
    gateway.channel.isCut = false;
    gateway.run(500, one, other);
    expect(other.machine).toBe('auth_failed');
    expect(one.lines).toEqual([
      'Redis is away: limits of accounts are split among the replicas that were there',
      'Redis is back: limits of accounts are shared again',
    ]);
    expect(other.lines).toEqual(one.lines);
  });

  it('tell again what was found out just before nobody was heard any more', () => {
    const gateway = new Gateway({});
    const [one, other] = [gateway.start(), gateway.start()];
    gateway.run(500, one, other);
    gateway.channel.isCut = true;
    one.refuseKey();
    gateway.run(1_500, one, other);
    gateway.channel.isCut = false;
    gateway.run(500, one, other);
    expect(other.machine).toBe('auth_failed');
  });

  it('wait some seconds for the others before limits are whole again', () => {
    const gateway = new Gateway({ rpd: 1_000 });
    const [one, other] = [gateway.start(), gateway.start()];
    gateway.run(500, one, other);
    gateway.channel.isCut = true;
    gateway.run(1_500, one, other);
    gateway.channel.isCut = false;
    gateway.run(5_900, one);
    expect(one.lines).toHaveLength(1);
    gateway.run(600, one);
    expect(one.lines).toHaveLength(2);
  });

  it('miss nobody after a time in which they did not run', () => {
    const gateway = new Gateway({ maxConcurrency: 6 });
    const [one, other] = [gateway.start(), gateway.start()];
    gateway.run(500, one, other);
    other.call();
    gateway.run(100, one, other);
    gateway.sleep(60_000);
    gateway.run(500, one, other);
    expect(one.callAll()).toBe(5);
    expect(one.lines).toEqual([]);
  });

  it('hear nothing in what is no message of theirs', () => {
    const gateway = new Gateway({ rpd: 100 });
    const one = gateway.start();
    gateway.run(100, one);
    const told = {
      kind: 'account',
      id: 'a',
      spent: { rpd: 50 },
      missing: null,
      inFlight: null,
      standings: [],
    };
    const message = { replica: 'x', sequence: 1, kind: 'tells', news: [['p', [told]]] };
    const broken = [
      '',
      'null',
      '{',
      { ...message, replica: 7 },
      { ...message, sequence: -1 },
      { ...message, kind: 'shouts' },
      { ...message, news: {} },
      { ...message, news: [['p', [{ ...told, spent: { rpd: '50' } }]]] },
      { ...message, news: [['p', [{ ...told, inFlight: 0.5 }]]] },
      { ...message, news: [['p', [{ ...told, standings: [{ model: null, state: { kind: 'open' } }] }]]] },
    ];
    for (const text of broken) one.bus.receive(typeof text === 'string' ? text : JSON.stringify(text));
    expect(one.states.statuses('p', gateway.clock.nowMs())[0]?.windows[0]?.left).toBe(98);
    one.bus.receive(JSON.stringify(message));
    expect(one.states.statuses('p', gateway.clock.nowMs())[0]?.windows[0]?.left).toBe(48);
    one.bus.receive(JSON.stringify(message));
    expect(one.states.statuses('p', gateway.clock.nowMs())[0]?.windows[0]?.left).toBe(48);
  });
});
