import type { Clock } from '#kernel';
import {
  FairQueue,
  type Ask,
  type FairQueueOptions,
  type Placement,
  type Reservation,
  type WaitEnd,
  type Waiting,
  type WaitingCaller,
  type WaitRequest,
} from '#pool-core';

/** A call that waits in a room. Told once how that ended, unless it leaves before. */
export interface RoomGuest extends WaitRequest {
  /** @returns whether it takes what is offered: it may have been served elsewhere in the same moment */
  served(reservation: Reservation): boolean;
  /** @param retryAtMs when it is served if it comes back, ms since the epoch */
  sentAway(why: WaitEnd | 'closed', retryAtMs: number): void;
}

/** What a room tells its owner. */
export interface RoomKeeper {
  /** How long a guest has waited and how that ended. */
  noteEnd(waitedMs: number, end: WaitEnd | 'served'): void;
  /** A reservation that nobody wants. */
  giveBack(reservation: Reservation): void;
}

/** Waiting for one pool: gives the core's queue its clock and its one timer. */
export class WaitingRoom {
  private readonly queue: FairQueue<RoomGuest>;
  private timer: NodeJS.Timeout | null = null;
  private isPoked = false;

  constructor(
    placement: Placement,
    private readonly clock: Clock,
    private readonly keeper: RoomKeeper,
  ) {
    this.queue = new FairQueue<RoomGuest>(placement);
  }

  /** Guests. While there are any, nobody may be placed past them. */
  get size(): number {
    return this.queue.size;
  }

  configure(options: Partial<FairQueueOptions>): void {
    this.queue.configure(options);
  }

  /** Counts a call that was placed while nobody waited. */
  noteGrant(caller: WaitingCaller, ask: Ask, nowMs: number): void {
    this.queue.noteGrant(caller, ask, nowMs);
  }

  /** Lets a call wait; it may be told of its end before this returns. */
  enter(guest: RoomGuest): Waiting<RoomGuest> {
    const waiting = this.queue.enter(guest, this.clock.nowMs());
    this.pump();
    return waiting;
  }

  /** Gives up a place; what it held is free for the others. */
  leave(waiting: Waiting<RoomGuest>): void {
    this.queue.leave(waiting);
    this.poke();
  }

  /** Something may have become free. Many such hints in one turn of the event loop cost one look. */
  poke(): void {
    if (this.isPoked || this.queue.size === 0) return;
    this.isPoked = true;
    queueMicrotask(() => {
      this.isPoked = false;
      this.pump();
    });
  }

  /** Sends everybody away. */
  close(): void {
    this.arm(null);
    const nowMs = this.clock.nowMs();
    for (const { request } of this.queue.clear()) request.sentAway('closed', nowMs);
  }

  private pump(): void {
    const nowMs = this.clock.nowMs();
    const { granted, refused, wakeAtMs } = this.queue.pump(nowMs);
    this.arm(wakeAtMs === null ? null : wakeAtMs - nowMs);
    for (const { waiting, reservation } of granted) {
      this.keeper.noteEnd(nowMs - waiting.enteredMs, 'served');
      if (!waiting.request.served(reservation)) this.keeper.giveBack(reservation);
    }
    for (const { waiting, why, retryAtMs } of refused) {
      this.keeper.noteEnd(nowMs - waiting.enteredMs, why);
      waiting.request.sentAway(why, retryAtMs);
    }
  }

  private arm(delayMs: number | null): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = delayMs === null ? null : setTimeout(() => this.pump(), Math.max(1, delayMs)).unref();
  }
}
