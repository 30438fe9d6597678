import { describe, expect, it } from '@jest/globals';
import { Gateway, a } from '../../test-support/replica-gateway.js';

describe('replicas that do not hear each other for a time', () => {
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

  it.each([
    [50, 50],
    [120, 10],
    [0, 200],
  ])(
    'use no more than the limit together, whatever they used until they noticed: %i and %i calls',
    (...spent) => {
      const gateway = new Gateway({ rpd: 1_000 });
      const [one, other] = [gateway.start(), gateway.start()];
      gateway.run(500, one, other);
      gateway.channel.isCut = true;
      for (const [at, calls] of spent.entries())
        for (let call = 0; call < calls; call += 1) expect([one, other][at]?.call()).not.toBeNull();
      gateway.run(1_500, one, other);
      expect(spent[0] + spent[1] + one.callAll() + other.callAll()).toBe(980);
    },
  );

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

  it.each([200, 20_000])(
    'keep no key out that was cleared while one of them was away for %s ms, whoever of them it was',
    (awayMs) => {
      for (const whoIsAway of [0, 1]) {
        const gateway = new Gateway({});
        const both = [gateway.start(), gateway.start()] as const;
        gateway.run(500, ...both);
        both[0].refuseKey();
        gateway.run(500, ...both);
        both[whoIsAway]?.unplug();
        gateway.run(100, ...both);
        both[0].states.clear('p', a, gateway.clock.nowMs());
        gateway.run(awayMs, ...both);
        expect(both.map(({ machine }) => machine)).toEqual(['closed', 'auth_failed']);
        both[whoIsAway]?.plugIn();
        gateway.run(7_000, ...both);
        expect(both.map(({ machine }) => machine)).toEqual(['closed', 'closed']);
      }
    },
  );

  it('take a key out again that was refused once more after it was cleared', () => {
    const gateway = new Gateway({});
    const [one, other] = [gateway.start(), gateway.start()];
    gateway.run(500, one, other);
    one.refuseKey();
    gateway.run(500, one, other);
    other.unplug();
    one.states.clear('p', a, gateway.clock.nowMs());
    gateway.run(500, one, other);
    other.states.clear('p', a, gateway.clock.nowMs());
    gateway.run(500, one, other);
    other.refuseKey();
    other.plugIn();
    gateway.run(7_000, one, other);
    expect([one.machine, other.machine]).toEqual(['auth_failed', 'auth_failed']);
  });

  it('show how many they are, and among how many limits are split', async () => {
    const gateway = new Gateway({});
    const [one, other] = [gateway.start(), gateway.start()];
    gateway.run(500, one, other);
    expect(await one.figure('pool_replicas')).toBe('2');
    expect(await one.figure('pool_limit_shares')).toBe('1');
    gateway.channel.isCut = true;
    gateway.run(1_500, one, other);
    expect(await one.figure('pool_limit_shares')).toBe('2');
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
});
