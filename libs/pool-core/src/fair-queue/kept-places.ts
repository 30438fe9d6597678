import type { Caller } from './caller-usage.js';
import { Line } from './line.js';
import { promiseHorizonMs, PromisedSlots } from './promised-slots.js';
import type { Promised } from './promised-slots.js';

/** Places kept at once. A caller that has as many as are left gets no more: it comes back as if for the first time. */
const mostPlaces = 20_000;
/** How late a caller may come, at least, and as a share of the time it was told to stay away. */
const leastGraceMs = 2_000;
const graceShare = 0.5;
/** Share of those refused that are expected back, until it is measured. */
const firstReturnShare = 0.5;
const newestShare = 0.02;

/** A call that was refused. */
export interface RefusedCall {
  readonly caller: Caller;
  /** Of its prompt: by this it is known again. */
  readonly inputTokens: number;
  readonly load: number;
  /** The load in the unit of {@link Caller}. */
  readonly weighedLoad: number;
  /** Of what is promised, what its caller may have, in (0, 1]. */
  readonly share: number;
  /** Whether its caller yields to others when it comes back. */
  readonly yields: boolean;
  /** Not before when it can be served, ms since the epoch, > now. */
  readonly soonestMs: number;
}

/** A refused call whose caller was told when to come back. */
export interface KeptPlace {
  readonly caller: Caller;
  readonly inputTokens: number;
  /** Whether others come first who have had much less. */
  readonly yields: boolean;
  /** What counts as what its caller has: nothing of a place that yields, since others may get it. */
  weighedLoad: number;
  /** When it may come, ms since the epoch. */
  readonly fromMs: number;
  /** Until when the place is kept. */
  readonly untilMs: number;
}

/** The places of one caller. */
interface PlacesOfCaller {
  /** By the size of the prompt, soonest first. */
  readonly bySize: Map<number, KeptPlace[]>;
  count: number;
  last: Promised;
}

/**
 * Who was refused and comes back when it was told to is served before all others, unless it had so much that it yields. A place
 * belongs to the call: new calls of a busy caller do not take what one that comes back was promised. How many do come back is
 * measured, and promises count accordingly.
 */
export class KeptPlaces {
  /** Share of those refused that come back, in [0, 1]. */
  private returnShare = firstReturnShare;
  private readonly line = new Line<KeptPlace>((place) => place.fromMs);
  private readonly byCaller = new Map<Caller, PlacesOfCaller>();
  private readonly slots = new PromisedSlots();

  /**
   * Keeps a place for a refused call.
   *
   * @param perMs load served per ms, > 0
   * @returns from when on it may come, ms since the epoch; the end of what is promised when there is no place
   */
  keep(call: RefusedCall, perMs: number, nowMs: number): number {
    this.forget(nowMs);
    const { caller, load, soonestMs, share } = call;
    const own = this.byCaller.get(caller);
    const mayHaveMore = (own?.count ?? 0) < mostPlaces - this.line.length;
    const wish = { load: load * this.returnShare, soonestMs, last: own?.last ?? null, share };
    const promised = mayHaveMore ? this.slots.book(wish, perMs, nowMs) : null;
    if (promised === null) return Math.ceil(Math.max(soonestMs, nowMs + promiseHorizonMs));
    this.add(call, promised, nowMs);
    return promised.fromMs;
  }

  /** Takes the place that a call may claim by now; `null` when there is none. */
  redeem(caller: Caller, inputTokens: number, nowMs: number): KeptPlace | null {
    const places = this.byCaller.get(caller)?.bySize.get(inputTokens);
    for (let place = places?.[0]; place !== undefined && place.fromMs <= nowMs; place = places?.[0]) {
      const isInTime = place.untilMs >= nowMs;
      this.end(place, isInTime ? 1 : 0);
      if (isInTime) return place;
    }
    return null;
  }

  rebase(factor: number): void {
    for (const place of this.line.places) place.weighedLoad *= factor;
  }

  private add(call: RefusedCall, promised: Promised, nowMs: number): void {
    const { caller, inputTokens, yields } = call;
    const { fromMs } = promised;
    const weighedLoad = yields ? 0 : call.weighedLoad;
    const untilMs = fromMs + Math.max(leastGraceMs, graceShare * (fromMs - nowMs));
    const place: KeptPlace = { caller, inputTokens, yields, weighedLoad, fromMs, untilMs };
    this.line.insert(place);
    caller.kept += weighedLoad;
    const own = this.byCaller.get(caller) ?? {
      bySize: new Map<number, KeptPlace[]>(),
      count: 0,
      last: promised,
    };
    own.count += 1;
    own.last = promised;
    this.byCaller.set(caller, own);
    const alike = own.bySize.get(inputTokens);
    if (alike === undefined) own.bySize.set(inputTokens, [place]);
    else alike.push(place);
  }

  /** Drops the places nobody claimed in time, from the front: one behind a longer kept one stays a little. */
  private forget(nowMs: number): void {
    for (;;) {
      const [first] = this.line.places;
      if (first === undefined || first.untilMs >= nowMs) return;
      this.end(first, 0);
    }
  }

  /** Places of one caller and size end in the order in which they were given. */
  private end(place: KeptPlace, returned: 0 | 1): void {
    const { caller, inputTokens } = place;
    this.returnShare += newestShare * (returned - this.returnShare);
    this.line.remove(place);
    const own = this.byCaller.get(caller) as PlacesOfCaller;
    const alike = own.bySize.get(inputTokens);
    alike?.shift();
    if (alike?.length === 0) own.bySize.delete(inputTokens);
    own.count -= 1;
    if (own.count === 0) this.byCaller.delete(caller);
    caller.kept = own.count === 0 ? 0 : caller.kept - place.weighedLoad;
  }
}
