import type { CallSignal, CallSignalListener } from '#ai-provider';
import type { Reservation, Waiting, WaitRequest } from '#pool-core';
import type { RoomGuest, WaitingRoom } from './waiting-room.js';

/** A room a call may wait in, for what, and what it asks for there. */
export interface WaitPlace<Request> {
  readonly room: WaitingRoom;
  readonly request: Request;
  readonly asks: WaitRequest;
}

/** How a wait ended. */
export type WaitOutcome<Request> =
  | { readonly kind: 'granted'; readonly request: Request; readonly reservation: Reservation }
  /** By its signal. */
  | { readonly kind: 'aborted' }
  /** The process stops, or the pool is gone. */
  | { readonly kind: 'closed' }
  /** Sent away everywhere; when to come back to each place, ms since the epoch, in the order of the places. */
  | { readonly kind: 'refused'; readonly retryAtMs: readonly number[] };

/**
 * Waits in several rooms at once. The first that serves the call wins; the others are left. Ends at the latest with the
 * wait limits of the rooms.
 */
export function waitForFirst<Request>(
  places: readonly WaitPlace<Request>[],
  signal: CallSignal,
): Promise<WaitOutcome<Request>> {
  return new Promise((resolve) => new PoolWait(places, signal, resolve).start());
}

/** One call that waits. */
class PoolWait<Request> implements CallSignalListener {
  private readonly taken: { readonly room: WaitingRoom; readonly waiting: Waiting<RoomGuest> }[] = [];
  private readonly retryAtMs = new Map<number, number>();
  private isOver = false;

  constructor(
    private readonly places: readonly WaitPlace<Request>[],
    private readonly signal: CallSignal,
    private readonly tell: (outcome: WaitOutcome<Request>) => void,
  ) {}

  start(): void {
    if (this.signal.aborted) this.end({ kind: 'aborted' });
    else this.signal.addEventListener('abort', this);
    for (const [at, place] of this.places.entries()) {
      if (this.isOver) return;
      const waiting = place.room.enter(this.guest(place, at));
      this.taken.push({ room: place.room, waiting });
    }
  }

  handleEvent(): void {
    this.end({ kind: 'aborted' });
  }

  private guest(
    { request, asks: { ask, callerId, callerWeight, deadlineMs } }: WaitPlace<Request>,
    at: number,
  ): RoomGuest {
    return {
      ask,
      callerId,
      callerWeight,
      deadlineMs,
      served: (reservation) => this.end({ kind: 'granted', request, reservation }),
      sentAway: (why, retryAtMs) => {
        this.retryAtMs.set(at, retryAtMs);
        if (why === 'closed') this.end({ kind: 'closed' });
        else if (this.retryAtMs.size === this.places.length) this.end(this.refused());
      },
    };
  }

  private refused(): WaitOutcome<Request> {
    return { kind: 'refused', retryAtMs: this.places.map((_, at) => this.retryAtMs.get(at) ?? Infinity) };
  }

  /** @returns whether this is how it ended: only the first end counts */
  private end(outcome: WaitOutcome<Request>): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.signal.removeEventListener('abort', this);
    for (const { room, waiting } of this.taken) room.leave(waiting);
    this.tell(outcome);
    return true;
  }
}
