/** Timers as an argument, so that a test decides when they ring. Each returns a function that cancels it. */
export interface Timers {
  after(delayMs: number, ring: () => void): () => void;
  every(intervalMs: number, ring: () => void): () => void;
}

/** The timers of the platform; they do not keep the process alive. */
export const systemTimers: Timers = {
  after(delayMs, ring) {
    const timer = setTimeout(ring, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every(intervalMs, ring) {
    const timer = setInterval(ring, intervalMs).unref();
    return () => clearInterval(timer);
  },
};
