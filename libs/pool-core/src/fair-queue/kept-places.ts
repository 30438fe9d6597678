import type { Caller } from './caller-usage.js';
import { Line } from './line.js';

/** Places kept at once; who is refused when there are more comes back as if for the first time. */
const mostPlaces = 2_000;
/** How late a caller may come, at least, and as a share of the time it was told to stay away. */
const leastGraceMs = 2_000;
const graceShare = 0.5;
/** Share of those refused that are expected back, until it is measured. */
const firstReturnShare = 0.5;
const newestShare = 0.02;

/** A call whose caller was told when to come back. */
export interface KeptPlace {
  readonly caller: Caller;
  readonly load: number;
  weighedLoad: number;
  /** When it may come, ms since the epoch. */
  readonly fromMs: number;
  /** Until when the place is kept. */
  readonly untilMs: number;
}

/**
 * Who was refused and comes back when it was told to is served before all others. How many do come back is measured: what
 * they will take counts for all who are told a time after them.
 */
export class KeptPlaces {
  /** Share of those refused that come back, in [0, 1]. */
  returnShare = firstReturnShare;
  private readonly line = new Line<KeptPlace>((place) => place.fromMs);

  keep(place: Omit<KeptPlace, 'untilMs'>, nowMs: number): void {
    this.forget(nowMs);
    if (this.line.length >= mostPlaces) return;
    const graceMs = Math.max(leastGraceMs, graceShare * (place.fromMs - nowMs));
    this.line.insert({ ...place, untilMs: place.fromMs + graceMs });
    place.caller.keptPlaces += 1;
    place.caller.kept += place.weighedLoad;
  }

  /** Takes the place that a caller may claim by now. @returns whether there was one */
  redeem(caller: Caller, nowMs: number): boolean {
    if (caller.keptPlaces === 0) return false;
    const place = this.line.places.find((one) => one.caller === caller && one.untilMs >= nowMs);
    if (place === undefined || place.fromMs > nowMs) return false;
    this.end(place, 1);
    return true;
  }

  /**
   * When a call is served, given when those who wait before it will have been: who comes back before then goes first.
   *
   * @param perMs load served per ms
   */
  servedAtMs(lineServedAtMs: number, perMs: number): number {
    let atMs = lineServedAtMs;
    for (const place of this.line.places) {
      if (place.fromMs > atMs) break;
      atMs += (place.load * this.returnShare) / perMs;
    }
    return atMs;
  }

  rebase(factor: number): void {
    for (const place of this.line.places) place.weighedLoad *= factor;
  }

  /** Drops the places nobody claimed in time, from the front: one behind a longer kept one stays a little. */
  private forget(nowMs: number): void {
    for (;;) {
      const [first] = this.line.places;
      if (first === undefined || first.untilMs >= nowMs) return;
      this.end(first, 0);
    }
  }

  private end(place: KeptPlace, returned: 0 | 1): void {
    const { caller } = place;
    this.line.remove(place);
    caller.keptPlaces -= 1;
    caller.kept = caller.keptPlaces === 0 ? 0 : caller.kept - place.weighedLoad;
    this.returnShare += newestShare * (returned - this.returnShare);
  }
}
