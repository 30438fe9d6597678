import type { Ask } from '../ask.js';
import type { Reservation } from '../reservation.js';
import { CallerUsage } from './caller-usage.js';
import type { Caller } from './caller-usage.js';
import { fairQueueOptions } from './fair-queue-options.js';
import type { FairQueueOptions } from './fair-queue-options.js';
import { FairLevel } from './fair-level.js';
import { KeptPlaces } from './kept-places.js';
import type { KeptPlace } from './kept-places.js';
import { Line } from './line.js';
import type { Placement } from './placement.js';
import { PlacingRound } from './placing-round.js';
import { ServiceRate } from './service-rate.js';
import { rankOfReturned, rankWithinShare, Waiting } from './waiting.js';
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

/** In pools up to this size nobody is refused while an account idles, without giving of safety margins. */
const fewAccounts = 50;
/** Who has had more than its share may wait only this share of the limit in a queue that does not empty. */
const standingShare = 0.5;
/** Of what is promised, a caller may have its weight over this more. Who has had more than that of all yields when it comes back. */
const othersWeight = 3;
/** Who yields stands before its own new calls, and behind callers who have had less than this share of what it has had. */
const yieldingShare = 0.5;
/** Who has had more than this share of all has nobody to leave anything for. */
const shareOfTheOnly = 0.9;
/** Who has had less than its share and waits longer than this share of the limit shows that the share is smaller. */
const promptShare = 0.2;

/**
 * The waiting room of one pool, fair between callers. Driven from outside, without timers: calls `enter` and `leave`; `pump`
 * serves those whose turn has come and is to be called after each entry, whenever something may have changed (a call has
 * ended, accounts were changed), and at the instant the last pump named.
 *
 * First come those who were told to come back now, then callers who have had no more than their fair share of late, in the
 * order of arrival, then the others, who had least first. A caller that had a large part of all when it was told to come back is one of
 * the others, before its own new calls. In that order each call is placed, or holds the account that is
 * ready first for it, so that small calls cannot starve large ones. Bounded in time and length.
 */
export class FairQueue<Request extends WaitRequest = WaitRequest> {
  private options: FairQueueOptions;
  private readonly usage: CallerUsage;
  private readonly fairLevel = new FairLevel();
  private readonly line = new Line<Waiting<Request>>(({ rank }) => rank);
  private readonly keptPlaces = new KeptPlaces();
  private readonly rate = new ServiceRate();
  /** Since when somebody waits. */
  private busySinceMs = Infinity;
  private servedLastMs = -Infinity;

  /** @throws RangeError naming the option, its value and its range */
  constructor(
    private readonly placement: Placement,
    options: Partial<FairQueueOptions> = {},
  ) {
    this.options = fairQueueOptions(options);
    const { usageHalfLifeMs, mostCallers } = this.options;
    this.usage = new CallerUsage(usageHalfLifeMs, mostCallers);
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
  configure(options: Partial<Pick<FairQueueOptions, 'maxWaitMs' | 'maxEntries'>>): void {
    this.options = fairQueueOptions(options);
  }

  /** Counts a call that was placed without waiting for what its caller has had. */
  noteGrant({ callerId }: WaitingCaller, ask: Ask, nowMs: number): void {
    const caller = this.usage.of(callerId);
    const load = this.placement.loadOf(ask, nowMs);
    this.keptPlaces.redeem(caller, ask.inputTokens, nowMs);
    this.rate.noteLoad(load);
    this.usage.add(caller, load, nowMs);
  }

  /** Takes a place in the line; the next pump says whether the call may stay. */
  enter(request: Request, nowMs: number): Waiting<Request> {
    const caller = this.usage.of(request.callerId);
    const load = this.placement.loadOf(request.ask, nowMs);
    const weighedLoad = load * this.usage.weightAt(nowMs);
    const place = this.keptPlaces.redeem(caller, request.ask.inputTokens, nowMs);
    const waiting = new Waiting(request, {
      caller,
      had: caller.had / request.callerWeight,
      rank: this.rankOf(caller, request.callerWeight, place, nowMs),
      yields: place?.yields ?? false,
      load,
      weighedLoad,
      enteredMs: nowMs,
      deadlineMs: Math.floor(Math.min(request.deadlineMs, nowMs + this.options.maxWaitMs)),
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

  private rankOf(caller: Caller, weight: number, place: KeptPlace | null, nowMs: number): number {
    if (place !== null) return place.yields ? (yieldingShare * caller.used) / weight : rankOfReturned;
    const had = caller.had / weight;
    return this.fairLevel.isWithin(had / this.usage.weightAt(nowMs)) ? rankWithinShare : had;
  }

  /** While somebody waits who has had no more than its share, nobody who has is placed. */
  private serve(round: PlacingRound, nowMs: number): Grant<Request>[] {
    const granted: Grant<Request>[] = [];
    const { places } = this.line;
    let at = 0;
    for (let waiting = places[at]; waiting !== undefined && !round.isOver; waiting = places[at]) {
      if (at > 0 && isOverShare(waiting) && !isOverShare(places[0] as Waiting)) break;
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
      const reservation = round.lastChance(waiting, this.isInNeed(waiting, loadAhead, nowMs));
      if (reservation === null) return [{ waiting, why, retryAtMs: this.refuse(waiting, ahead, nowMs) }];
      granted.push(this.grant(waiting, reservation, nowMs));
      return [];
    });
  }

  private reasonToEnd(waiting: Waiting, loadAhead: number, nowMs: number): WaitEnd | null {
    const { isNew, hold, request, deadlineMs } = waiting;
    if (deadlineMs <= nowMs) return isNew ? 'queue_too_long' : 'waited_too_long';
    if (!isNew) return null;
    const turnMs = nowMs + loadAhead / this.rate.perMs;
    if (turnMs > this.latestTurnMs(waiting, nowMs)) return 'queue_too_long';
    if (hold !== null) return null;
    const ready = this.placement.readyFirst(request.ask, nowMs);
    return ready !== null && ready.fromMs > deadlineMs ? 'queue_too_long' : null;
  }

  /**
   * Whether a call that is about to be refused may have what others are not given: while the pool has more left than all who wait
   * need, so that it lies in pieces: only many accounts have so many.
   */
  private isInNeed(waiting: Waiting, loadOfOthers: number, nowMs: number): boolean {
    const { placement } = this;
    return placement.size > fewAccounts && placement.idleMs(nowMs) > loadOfOthers + waiting.load;
  }

  private latestTurnMs(waiting: Waiting, nowMs: number): number {
    const { maxWaitMs } = this.options;
    const stands = nowMs - this.busySinceMs > maxWaitMs;
    return stands && isOverShare(waiting)
      ? Math.min(waiting.deadlineMs, nowMs + standingShare * maxWaitMs)
      : waiting.deadlineMs;
  }

  private grant(waiting: Waiting<Request>, reservation: Reservation, nowMs: number): Grant<Request> {
    this.leave(waiting);
    const weight = this.usage.weightAt(nowMs);
    const isLate = nowMs - waiting.enteredMs > promptShare * this.options.maxWaitMs;
    if (isLate && !isOverShare(waiting)) this.fairLevel.noteLate(waiting.had / weight);
    // Who is served as it was promised, though it had had much, says nothing about shares.
    else if (!waiting.yields) this.fairLevel.noteServed(waiting.had / weight);
    this.usage.add(waiting.caller, waiting.load, nowMs);
    this.servedLastMs = nowMs;
    return { waiting, reservation };
  }

  /** @returns when to come back: who does is served first then, but for what is too far ahead to be promised */
  private refuse(waiting: Waiting<Request>, loadAhead: number, nowMs: number): number {
    this.leave(waiting);
    const { request, caller, had, load, weighedLoad } = waiting;
    // A pool that serves nobody says nothing about shares.
    if (nowMs - this.servedLastMs < this.options.maxWaitMs) {
      this.fairLevel.noteLate(had / this.usage.weightAt(nowMs));
    }
    const { perMs } = this.rate;
    const readyMs = this.placement.readyFirst(request.ask, nowMs)?.fromMs ?? nowMs + load / perMs;
    const soonestMs = Math.max(nowMs + 1, readyMs, nowMs + loadAhead / perMs);
    const { callerWeight } = request;
    const most = callerWeight / (callerWeight + othersWeight);
    const shareOfAll = this.usage.shareOf(caller);
    const share = shareOfAll > shareOfTheOnly ? 1 : most;
    const { inputTokens } = request.ask;
    const refused = { caller, inputTokens, load, weighedLoad, share, yields: shareOfAll > most, soonestMs };
    return this.keptPlaces.keep(refused, perMs, nowMs);
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
      waiting.had *= factor;
      if (isOverShare(waiting)) waiting.rank *= factor;
      waiting.weighedLoad *= factor;
    }
  }
}

const isOverShare = ({ rank }: Waiting): boolean => rank > rankWithinShare;
