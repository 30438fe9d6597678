/** Rings once after a delay, ms. An argument, so that a test decides when. @returns a function that cancels it */
export type Alarm = (delayMs: number, ring: () => void) => () => void;

/** How fast a stream has to begin before it is passed on. */
export interface Pace {
  /** From the first output to the verdict, ms, > 0. */
  readonly windowMs: number;
  /** What has to be written within it, tokens, > 0; a stream that has it is passed on at once. */
  readonly tokens: number;
  readonly after: Alarm;
}

/** The process's own timers. */
export const systemAlarm: Alarm = (delayMs, ring) => {
  const timer = setTimeout(ring, delayMs);
  return () => clearTimeout(timer);
};
