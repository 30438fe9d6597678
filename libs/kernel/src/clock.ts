/** The only way to ask for the time. Injected, so that a test decides what time it is. */
export interface Clock {
  /** Milliseconds since the Unix epoch, fractions possible. */
  nowMs(): number;
}

/** The clock on the wall. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Injection token of the {@link Clock}. */
export const CLOCK = Symbol('Clock');

/** A source of randomness: uniform in [0, 1). Injected, so that a test can seed it. */
export type Random = () => number;

/** Injection token of {@link Random}. */
export const RANDOM = Symbol('Random');
