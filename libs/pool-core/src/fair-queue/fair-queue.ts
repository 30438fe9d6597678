import type { Ask } from '../ask.js';
import type { Reservation } from '../reservation.js';
import { CallerUsage } from './caller-usage.js';
import type { Caller } from './caller-usage.js';
import { fairQueueOptions } from './fair-queue-options.js';
import type { FairQueueOptions } from './fair-queue-options.js';
import { KeptPlaces } from './kept-places.js';
import { Line } from './line.js';
import type { Placement } from './placement.js';
import { PlacingRound } from './placing-round.js';
import { ServiceRate } from './service-rate.js';
import { Waiting } from './waiting.js';
import type { WaitEnd, WaitRequest, WaitingCaller } from './waiting.js';

/** A wait that came to a good end. The reservation is to be settled. */
export interface Grant<Request extends WaitRequest> {
  readonly waiting: Waiting<Request>;
  readonly reservation: Reservation;
}

/** A wait that came to nothing. */
export interface EndedWait<Request extends WaitRequest> {
  readonly waiting: Waiting<Request>;
  readonly why: WaitEnd;
  /** When the call is served if it comes back, ms since the epoch, later than now. */
  readonly retryAtMs: number;
}

/** What a pump came to. */
export interface Pumped<Request extends WaitRequest> {
  readonly granted: readonly Grant<Request>[];
  readonly refused: readonly EndedWait<Request>[];
  /** When to pump again if nothing happens before; `null` when nobody waits. */
  readonly wakeAtMs: number | null;
}

/** A queue that did not empty for the wait limit serves nobody sooner by being long: newcomers may wait this share of it. */
const standingShare = 0.1;

/**
 * The waiting room of one pool, fair between callers. Driven from outside, without timers: calls `enter` and `leave`; `pump`
 * serves those whose turn has come and is to be called after each entry, whenever something may have changed (a call has
 * ended, accounts were changed), and at the instant the last pump named.
 *
 * The order is by what each caller has had of late over its weight, least first. In that order each call is placed, or holds
 * the account that is ready first for it, so that small calls cannot starve large ones. Bounded in time and length; who
 * is refused is told when to come back and keeps the place in the line until then.
 */
export class FairQueue<Request extends WaitRequest = WaitRequest> {
  private options: FairQueueOptions;
  private readonly usage: CallerUsage;
  private readonly line = new Line<Waiting<Request>>(({ rank }) => rank);
  private readonly keptPlaces = new KeptPlaces();
  private readonly rate = new ServiceRate();
  /** Since when somebody waits. */
  private busySinceMs = Infinity;

  /** @throws RangeError naming the option, its value and its range */
  constructor(
    private readonly placement: Placement,
    options: Partial<FairQueueOptions> = {},
  ) {
    this.options = fairQueueOptions(options);
    this.usage = new CallerUsage(this.options.usageHalfLifeMs, this.options.mostCallers);
  }

  /** Calls that wait. While there are any, nobody is to be placed past them. */
  get size(): number {
    return this.line.length;
  }

  /**
   * Takes other options; those who wait already keep their wait limit.
   *
   * @throws RangeError naming the option, its value and its range
   */
  configure(options: Partial<FairQueueOptions>): void {
    this.options = fairQueueOptions(options);
  }

  /** Counts a call that was placed without waiting for what its caller has had. */
  noteGrant({ callerId }: WaitingCaller, ask: Ask, nowMs: number): void {
    const caller = this.usage.of(callerId);
    const load = this.placement.loadOf(ask, nowMs);
    this.keptPlaces.redeem(caller, nowMs);
    this.rate.noteLoad(load);
    caller.used += load * this.usage.weightAt(nowMs);
  }

  /** Takes a place in the line; the next pump says whether the call may stay. */
  enter(request: Request, nowMs: number): Waiting<Request> {
    const caller = this.usage.of(request.callerId);
    const load = this.placement.loadOf(request.ask, nowMs);
    const weighedLoad = load * this.usage.weightAt(nowMs);
    const waiting = new Waiting(request, {
      caller,
      rank: this.rankOf(caller, request, nowMs),
      load,
      weighedLoad,
      enteredMs: nowMs,
      deadlineMs: Math.min(request.deadlineMs, nowMs + this.options.maxWaitMs),
    });
    caller.waiting += weighedLoad;
    this.rate.noteLoad(load);
    this.line.insert(waiting);
    return waiting;
  }

  /** Gives up a place; harmless when the call does not wait any longer. */
  leave(waiting: Waiting<Request>): void {
    if (this.line.remove(waiting)) waiting.caller.waiting -= waiting.weighedLoad;
  }

  /** Empties the room. @returns who was in it */
  clear(): Waiting<Request>[] {
    const everybody = [...this.line.places];
    for (const waiting of everybody) this.leave(waiting);
    return everybody;
  }

  /** Serves in order, refuses those who cannot be served in time, and says when to pump again. */
  pump(nowMs: number): Pumped<Request> {
    this.rebase(nowMs);
    const round = new PlacingRound(this.placement, nowMs);
    const granted = this.serve(round, nowMs);
    const refused = this.review(round, granted, nowMs);
    this.noteServed(granted, nowMs);
    const wakeAtMs = this.line.places.reduce(
      (soonest, { deadlineMs }) => Math.min(soonest, deadlineMs),
      round.readyAtMs,
    );
    return { granted, refused, wakeAtMs: this.size === 0 ? null : Math.ceil(wakeAtMs) };
  }

  /** A caller that comes back when it was told to has the place it had then. */
  private rankOf(caller: Caller, { callerWeight }: Request, nowMs: number): number {
    const kept = this.keptPlaces.redeem(caller, nowMs);
    const load = caller.used + caller.waiting + caller.kept * this.keptPlaces.returnShare;
    return Math.min(load / callerWeight, kept?.rank ?? Infinity);
  }

  private serve(round: PlacingRound, nowMs: number): Grant<Request>[] {
    const granted: Grant<Request>[] = [];
    const { places } = this.line;
    let at = 0;
    for (let waiting = places[at]; waiting !== undefined && !round.isOver; waiting = places[at]) {
      const reservation = round.serve(waiting);
      if (reservation === null) at += 1;
      else granted.push(this.grant(waiting, reservation, nowMs));
    }
    return granted;
  }

  /** Looks at those who stay behind: newcomers are refused at once when they have no chance, all when their time is up. */
  private review(round: PlacingRound, granted: Grant<Request>[], nowMs: number): EndedWait<Request>[] {
    const ended: (Omit<EndedWait<Request>, 'retryAtMs'> & { loadAhead: number })[] = [];
    let [loadAhead, length] = [0, 0];
    for (const waiting of this.line.places) {
      const why =
        length < this.options.maxEntries ? this.reasonToEnd(waiting, loadAhead, nowMs) : 'queue_full';
      waiting.isNew = false;
      if (why !== null) {
        ended.push({ waiting, why, loadAhead });
        continue;
      }
      loadAhead += waiting.load;
      length += 1;
    }
    return ended.flatMap(({ waiting, why, loadAhead: ahead }) => {
      const reservation = round.lastChance(waiting);
      if (reservation === null) return [{ waiting, why, retryAtMs: this.refuse(waiting, ahead, nowMs) }];
      granted.push(this.grant(waiting, reservation, nowMs));
      return [];
    });
  }

  private reasonToEnd(
    { isNew, request, rank, deadlineMs }: Waiting,
    loadAhead: number,
    nowMs: number,
  ): WaitEnd | null {
    if (deadlineMs <= nowMs) return isNew ? 'queue_too_long' : 'waited_too_long';
    if (!isNew) return null;
    const { maxWaitMs } = this.options;
    const stands = nowMs - this.busySinceMs > maxWaitMs;
    const latestMs = Math.min(deadlineMs, nowMs + (stands ? standingShare * maxWaitMs : maxWaitMs));
    if (this.servedAtMs(rank, loadAhead, nowMs) > latestMs) return 'queue_too_long';
    const ready = this.placement.readyFirst(request.ask, nowMs);
    return ready !== null && ready.fromMs > deadlineMs ? 'queue_too_long' : null;
  }

  private servedAtMs(rank: number, loadAhead: number, nowMs: number): number {
    const { perMs } = this.rate;
    return this.keptPlaces.servedAtMs(nowMs + loadAhead / perMs, rank, perMs);
  }

  private grant(waiting: Waiting<Request>, reservation: Reservation, nowMs: number): Grant<Request> {
    this.leave(waiting);
    waiting.caller.used += waiting.load * this.usage.weightAt(nowMs);
    return { waiting, reservation };
  }

  /** @returns when to come back; the place is kept until then */
  private refuse(waiting: Waiting<Request>, loadAhead: number, nowMs: number): number {
    this.leave(waiting);
    const { request, caller, rank, load, weighedLoad } = waiting;
    const readyMs = this.placement.readyFirst(request.ask, nowMs)?.fromMs ?? nowMs + load / this.rate.perMs;
    const servedMs = this.servedAtMs(rank, loadAhead, nowMs);
    const fromMs = Math.ceil(Math.max(nowMs + 1, readyMs, servedMs));
    this.keptPlaces.keep({ caller, rank, load, weighedLoad, fromMs }, nowMs);
    return fromMs;
  }

  private noteServed(granted: readonly Grant<Request>[], nowMs: number): void {
    const load = granted.reduce((sum, { waiting }) => sum + waiting.load, 0);
    this.rate.note(load, this.busySinceMs < nowMs, nowMs);
    this.busySinceMs = this.size === 0 ? Infinity : Math.min(this.busySinceMs, nowMs);
  }

  private rebase(nowMs: number): void {
    const factor = this.usage.rebase(nowMs);
    if (factor === 1) return;
    this.keptPlaces.rebase(factor);
    for (const waiting of this.line.places) {
      waiting.rank *= factor;
      waiting.weighedLoad *= factor;
    }
  }
}
