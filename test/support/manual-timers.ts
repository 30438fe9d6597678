import type { Timers } from '../../libs/persistence/src/change-feed/timers.js';

/** Timers that ring when the test says so. */
export class ManualTimers implements Timers {
  readonly #once = new Set<() => void>();
  readonly #always = new Set<() => void>();
  #onceSet = (): void => undefined;

  after(_delayMs: number, ring: () => void): () => void {
    this.#once.add(ring);
    this.#onceSet();
    return () => void this.#once.delete(ring);
  }

  every(_intervalMs: number, ring: () => void): () => void {
    this.#always.add(ring);
    return () => void this.#always.delete(ring);
  }

  /** Resolves when the next one-shot timer was set. */
  nextOnce(): Promise<void> {
    return new Promise((resolve) => (this.#onceSet = resolve));
  }

  ringOnce(): void {
    const waiting = [...this.#once];
    this.#once.clear();
    for (const ring of waiting) ring();
  }

  ringAlways(): void {
    for (const ring of this.#always) ring();
  }
}
