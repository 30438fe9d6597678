/** Models whose usual time is known at once; the one known longest gives way. */
const mostModels = 200;
/** Weight of one answer in what is usual for a model. */
const usualRate = 0.02;
/** Weight of one answer in what is known of an account. */
const ownRate = 0.25;
/** Without news, half of what was seen is forgotten in this time: who was slow is tried again. */
const halfLifeMs = 5 * 60_000;

/**
 * What is usual in a pool: the geometric mean of the time to first byte per model, over the last hundred or so answers.
 * Models differ by far more than accounts do, so accounts are compared by ratio to it.
 */
export class UsualFirstByte {
  private readonly logByModel = new Map<string, number>();

  /**
   * Takes in one answer.
   *
   * @param firstByteMs >= 0
   * @returns natural logarithm of its ratio to what is usual
   */
  learn(model: string, firstByteMs: number): number {
    const log = Math.log(Math.max(1, firstByteMs));
    const usual = this.logByModel.get(model) ?? log;
    if (this.logByModel.size >= mostModels && !this.logByModel.has(model)) {
      for (const oldest of this.logByModel.keys()) {
        this.logByModel.delete(oldest);
        break;
      }
    }
    this.logByModel.set(model, usual + usualRate * (log - usual));
    return log - usual;
  }
}

/** How slow one account is of late, relative to what is usual. */
export class Slowness {
  private logRatio = 0;
  private updatedMs = 0;

  /** @param logRatio what {@link UsualFirstByte.learn} said */
  learn(logRatio: number, nowMs: number): void {
    const known = this.logRatioAt(nowMs);
    this.logRatio = known + ownRate * (logRatio - known);
    this.updatedMs = nowMs;
  }

  /** @returns > 0; 1 is usual, and what nothing is known of counts as that */
  ratioAt(nowMs: number): number {
    return this.logRatio === 0 ? 1 : Math.exp(this.logRatioAt(nowMs));
  }

  private logRatioAt(nowMs: number): number {
    return this.logRatio * 2 ** -(Math.max(0, nowMs - this.updatedMs) / halfLifeMs);
  }
}
