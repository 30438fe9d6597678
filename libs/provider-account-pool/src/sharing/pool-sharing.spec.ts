import { describe, expect, it } from '@jest/globals';
import { MemoryChannel, MemorySharingBus } from '../../test-support/memory-sharing-bus.js';
import { Gateway } from '../../test-support/replica-gateway.js';
import { sharingBusContract } from '../../test-support/sharing-bus.contract.js';

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

  it('tell soon what a burst takes of a limit, so that together they exceed none', () => {
    const limit = 700;
    const gateway = new Gateway({ rpm: limit });
    const replicas = [gateway.start(), gateway.start(), gateway.start()];
    gateway.run(500, ...replicas);
    const admitted = gateway.burst(250, 1, ...replicas);
    const refilled = (250 * limit) / 60_000;
    expect(admitted).toBeLessThanOrEqual(limit + refilled);
    expect(admitted).toBeGreaterThanOrEqual(0.98 * limit);
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

  it('hear nothing in what is no message of theirs', () => {
    const gateway = new Gateway({ rpd: 100 });
    const one = gateway.start();
    gateway.run(100, one);
    const told = {
      kind: 'account',
      id: 'a',
      spent: { rpd: 50 },
      cost: 0,
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
      { ...message, news: [['p', [{ ...told, cost: -1 }]]] },
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
