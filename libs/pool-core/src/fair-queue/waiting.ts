import type { Ask } from '../ask.js';
import type { Caller } from './caller-usage.js';
import type { Readiness } from './placement.js';

/** Who asks. */
export interface WaitingCaller {
  /** Calls with an equal one share what their caller may have. */
  readonly callerId: string;
  /** Share of the caller relative to the others, > 0; 1 is usual. */
  readonly callerWeight: number;
}

/** A call that would wait. */
export interface WaitRequest extends WaitingCaller {
  readonly ask: Ask;
  /** When the caller needs it served, ms since the epoch; `Infinity` when the wait limit alone counts. */
  readonly deadlineMs: number;
}

/** The caller was told to come back now. */
export const rankOfReturned = -1;
/** The caller has had no more than its fair share. Such calls are served in the order in which they came. */
export const rankWithinShare = 0;

/** Its place in the line. */
export interface WaitingPlace {
  readonly caller: Caller;
  /** What the caller has had and waits for already, over its weight, in the unit of {@link Caller}. */
  readonly had: number;
  /** The lowest is first: {@link rankOfReturned}, {@link rankWithinShare}, else what the caller has had. */
  readonly rank: number;
  /** The caller was told to come back now, and yields to who has had much less. */
  readonly yields: boolean;
  /** How much of the pool the call takes, ms of refill. */
  readonly load: number;
  /** The same in the unit of {@link Caller}. */
  readonly weighedLoad: number;
  /** Ms since the epoch. */
  readonly enteredMs: number;
  /** When it is refused: the wait limit or the caller's own deadline, whichever comes first. */
  readonly deadlineMs: number;
}

/** A call that waits. */
export class Waiting<Request extends WaitRequest = WaitRequest> implements WaitingPlace {
  readonly caller: Caller;
  had: number;
  rank: number;
  readonly yields: boolean;
  readonly load: number;
  weighedLoad: number;
  readonly enteredMs: number;
  readonly deadlineMs: number;
  /** Whether no pump has seen it yet. */
  isNew = true;
  /** The account it was ready on first when it was last looked for. */
  hold: Readiness | null = null;

  constructor(
    readonly request: Request,
    place: WaitingPlace,
  ) {
    this.caller = place.caller;
    this.had = place.had;
    this.rank = place.rank;
    this.yields = place.yields;
    this.load = place.load;
    this.weighedLoad = place.weighedLoad;
    this.enteredMs = place.enteredMs;
    this.deadlineMs = place.deadlineMs;
  }
}

/** Why a call does not wait any longer. */
export type WaitEnd = 'waited_too_long' | 'queue_too_long' | 'queue_full';
