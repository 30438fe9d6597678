import { describe, expect, it } from '@jest/globals';
import { CallAbort } from '#ai-provider';
import { AccountPool, placementIn, settle, type AccountSpec, type Ask } from '#pool-core';
import { asId } from '#kernel';
import { noLimits } from '../domain/account-limits.js';
import { waitForFirst } from './pool-wait.js';
import { WaitingRoom } from './waiting-room.js';

const nowMs = 1_000_000;
const random = (): number => 0.5;
const ask: Ask = {
  model: 'm',
  inputTokens: 1,
  outputTokens: 1,
  price: null,
  affinity: null,
  exclude: new Set(),
};

/** A room for a pool of one account that makes one call at a time, and makes one now. */
class BusyRoom {
  readonly room: WaitingRoom;
  givenBack = 0;
  private readonly pool = new AccountPool();
  private readonly placement = placementIn(this.pool, random);
  private busy;

  constructor(name: string) {
    this.pool.replaceAccounts([specOf(name)], nowMs);
    this.busy = this.placement.place(ask, nowMs);
    this.room = new WaitingRoom(
      this.placement,
      { nowMs: () => nowMs },
      {
        noteEnd: () => undefined,
        giveBack: () => (this.givenBack += 1),
      },
    );
  }

  place(request: string) {
    return { room: this.room, request, asks: { ask, callerId: 'c', callerWeight: 1, deadlineMs: Infinity } };
  }

  /** The call under way ends, and the account may make as many as are asked for. */
  free(maxConcurrency = 1): void {
    const name = this.busy?.accountId ?? '';
    this.pool.replaceAccounts([specOf(name, maxConcurrency)], nowMs);
    if (this.busy) settle(this.pool, this.busy, { kind: 'aborted', tokens: null }, nowMs, random);
    this.busy = null;
    this.room.poke();
  }
}

function specOf(name: string, maxConcurrency = 1): AccountSpec {
  return {
    id: asId<'Account'>(name),
    weight: 1,
    tier: 1,
    human: { kind: 'enabled' },
    credentialUsable: true,
    limits: { ...noLimits, maxConcurrency },
    quotaGroup: null,
    budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
    costFactor: 1,
    models: { allow: [], deny: [] },
  };
}

describe('waitForFirst', () => {
  it('takes the first room that serves, and leaves the others', async () => {
    const [first, second] = [new BusyRoom('a'), new BusyRoom('b')];
    const outcome = waitForFirst([first.place('here'), second.place('there')], new CallAbort());
    second.free();
    expect(await outcome).toMatchObject({
      kind: 'granted',
      request: 'there',
      reservation: { accountId: 'b' },
    });
    expect([first.room.size, second.room.size]).toEqual([0, 0]);
  });

  it('gives back what it is offered in the moment in which it is served', async () => {
    const busy = new BusyRoom('a');
    const outcome = waitForFirst([busy.place('one'), busy.place('other')], new CallAbort());
    busy.free(2);
    expect((await outcome).kind).toBe('granted');
    expect(busy.givenBack).toBe(1);
  });

  it('ends with its signal, and leaves at once', async () => {
    const busy = new BusyRoom('a');
    const signal = new CallAbort();
    const outcome = waitForFirst([busy.place('one')], signal);
    expect(busy.room.size).toBe(1);
    signal.abort('gone');
    expect(busy.room.size).toBe(0);
    expect(await outcome).toEqual({ kind: 'aborted' });
    expect(await waitForFirst([busy.place('one')], signal)).toEqual({ kind: 'aborted' });
  });

  it('ends when the process stops', async () => {
    const busy = new BusyRoom('a');
    const outcome = waitForFirst([busy.place('one')], new CallAbort());
    busy.room.close();
    expect(await outcome).toEqual({ kind: 'closed' });
  });

  it('is refused when every room has sent it away, with the time to come back to each', async () => {
    const rooms = [new BusyRoom('a'), new BusyRoom('b')];
    for (const { room } of rooms) room.configure({ maxWaitMs: 0 });
    const places = rooms.map((room) => room.place('one'));
    expect(await waitForFirst(places, new CallAbort())).toEqual({
      kind: 'refused',
      retryAtMs: [expect.any(Number), expect.any(Number)],
    });
  });
});
