/**
 * Runs a task one at a time. A call while it runs does not join that run, which may have looked too early, but one that
 * follows it and that all such calls share.
 */
export class MergedRuns {
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(private readonly task: () => Promise<void>) {}

  /** Resolves or rejects with a run that began after this call. */
  run(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      const run = this.task();
      this.#next = null;
      this.#running = run.catch(() => undefined);
      return run;
    });
    return this.#next;
  }
}
