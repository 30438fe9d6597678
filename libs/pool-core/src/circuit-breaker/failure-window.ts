const slots = 10;
/** A single failure of late proves nothing. */
const leastOfLate = 2;
/** Of a window that nothing was recorded in: most accounts never fail in most ways. Never written to. */
const nothing: number[] = [];

/** Calls and failures of a span that moves with time: it forgets in tenths of the span, also when nothing is recorded. */
export class FailureWindow {
  /** Calls of each slot, then failures of each. */
  private bySlot: number[] = nothing;
  private newestSlot = -Infinity;
  private calls = 0;
  private failures = 0;
  /** Failures in a row. */
  private streak = 0;
  private streakBegunMs = -Infinity;

  /** @param windowMs span, > 0 */
  constructor(private readonly windowMs: number) {}

  /** @param begunMs when the call began, ms since the epoch */
  record(failed: boolean, nowMs: number, begunMs = nowMs): void {
    this.forgetBefore(nowMs);
    this.noteStreak(failed, begunMs);
    const slot = this.newestSlot % slots;
    if (this.bySlot === nothing) this.bySlot = new Array<number>(2 * slots).fill(0);
    this.bySlot[slot] = this.callsIn(slot) + 1;
    this.calls += 1;
    if (!failed) return;
    this.bySlot[slots + slot] = this.failuresIn(slot) + 1;
    this.failures += 1;
  }

  /**
   * Failures in a row: a success in between ends the row, unless its call is older than the first failure of it. Long
   * answers, begun when all was well, go on ending long after everything new has begun to fail.
   */
  failuresInARowAt(nowMs: number): number {
    if (this.streak > 0) this.forgetBefore(nowMs);
    return this.streak;
  }

  /** Failures in the span. */
  failuresAt(nowMs: number): number {
    if (this.failures > 0) this.forgetBefore(nowMs);
    return this.failures;
  }

  /**
   * Share of failed calls.
   *
   * @param minimumCalls fewer calls count as this many, so that one failure does not condemn
   * @returns in [0, 1]
   */
  failureRatioAt(nowMs: number, minimumCalls: number): number {
    const failures = this.failuresAt(nowMs);
    return failures === 0 ? 0 : failures / Math.max(this.calls, minimumCalls);
  }

  /**
   * Share of failed calls of late: of the whole span or of the last tenth or two of it, whichever is worse. An account that begins to
   * fail is known by it before a span full of successes has passed.
   *
   * @param minimumCalls fewer calls count as this many
   * @returns in [0, 1]
   */
  recentRatioAt(nowMs: number, minimumCalls: number): number {
    const ofSpan = this.failureRatioAt(nowMs, minimumCalls);
    if (this.failures < leastOfLate) return ofSpan;
    const now = this.newestSlot % slots;
    const before = (now + slots - 1) % slots;
    const failures = this.failuresIn(now) + this.failuresIn(before);
    if (failures < leastOfLate) return ofSpan;
    const calls = this.callsIn(now) + this.callsIn(before);
    return Math.max(ofSpan, failures / Math.max(calls, minimumCalls));
  }

  /** Calls in the span. */
  callsAt(nowMs: number): number {
    this.forgetBefore(nowMs);
    return this.calls;
  }

  clear(): void {
    this.bySlot.fill(0);
    this.calls = 0;
    this.failures = 0;
    this.streak = 0;
  }

  private noteStreak(failed: boolean, begunMs: number): void {
    if (failed) {
      this.streakBegunMs = this.streak === 0 ? begunMs : Math.min(this.streakBegunMs, begunMs);
      this.streak += 1;
    } else if (begunMs >= this.streakBegunMs) this.streak = 0;
  }

  private forgetBefore(nowMs: number): void {
    const currentSlot = Math.floor((nowMs / this.windowMs) * slots);
    if (currentSlot <= this.newestSlot) return;
    if (currentSlot - this.newestSlot >= slots) this.clear();
    else for (let slot = this.newestSlot + 1; slot <= currentSlot; slot += 1) this.empty(slot % slots);
    this.newestSlot = currentSlot;
  }

  private empty(slot: number): void {
    this.calls -= this.callsIn(slot);
    this.failures -= this.failuresIn(slot);
    if (this.bySlot === nothing) return;
    this.bySlot[slot] = 0;
    this.bySlot[slots + slot] = 0;
  }

  private callsIn(slot: number): number {
    return this.bySlot[slot] ?? 0;
  }

  private failuresIn(slot: number): number {
    return this.bySlot[slots + slot] ?? 0;
  }
}
