import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, noTokens, type Clock } from '#kernel';
import { Metrics } from '#observability';
import type { FairQueueOptions } from '#pool-core';
import { PoolStateStore } from './pool-state-store.js';
import { WaitingRoom } from './waiting-room.js';

/**
 * The waiting rooms of all pools. They live in this process, above the port to the shared state: who waits here holds a
 * connection to this process, and is served by what this process may use; a shared store announces what others free.
 */
@Injectable()
export class WaitingRooms implements OnApplicationShutdown {
  /** Whether the process stops: nobody waits any more. */
  isClosed = false;
  private readonly rooms = new Map<string, WaitingRoom>();
  private readonly waits;
  private readonly refusals;

  constructor(
    private readonly states: PoolStateStore,
    metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const labels = ['provider', 'end'];
    metrics.gauge(
      { name: 'pool_queue_depth', help: 'Calls that wait for an account.', labels: ['provider'] },
      (gauge) => this.rooms.forEach((room, provider) => gauge.set(room.size, { provider })),
    );
    this.waits = metrics.histogram({
      name: 'pool_wait_duration_seconds',
      help: 'Time calls waited for an account, by how that ended.',
      labels,
      buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    });
    this.refusals = metrics.counter({
      name: 'pool_refusals_total',
      help: 'Calls that no account was found for in time, by reason.',
      labels: ['provider', 'reason'],
    });
    states.onFreed((pool) => this.rooms.get(pool)?.poke());
  }

  /** The room of a pool; made when it is first asked for, and kept: pools are few. */
  of(pool: string): WaitingRoom {
    return this.rooms.get(pool) ?? this.open(pool);
  }

  /** Puts the configuration of all pools in force; rooms of pools that are gone are closed. */
  configure(options: ReadonlyMap<string, Partial<FairQueueOptions>>): void {
    for (const [pool, ofPool] of options) this.of(pool).configure(ofPool);
    for (const [pool, room] of this.rooms) {
      if (options.has(pool)) continue;
      this.rooms.delete(pool);
      room.close();
    }
  }

  onApplicationShutdown(): void {
    this.isClosed = true;
    for (const room of this.rooms.values()) room.close();
  }

  private open(provider: string): WaitingRoom {
    const room = new WaitingRoom(this.states.placement(provider), this.clock, {
      noteEnd: (waitedMs, end) => {
        this.waits.observe(waitedMs / 1_000, { provider, end });
        if (end !== 'served') this.refusals.increment({ provider, reason: end });
      },
      giveBack: (reservation) =>
        this.states.settle(provider, reservation, { kind: 'aborted', tokens: noTokens }, this.clock.nowMs()),
    });
    this.rooms.set(provider, room);
    return room;
  }
}
