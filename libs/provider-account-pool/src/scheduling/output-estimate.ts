/** What a model nobody has called yet is expected to generate, tokens. */
const firstGuess = 400;
const mostModels = 1_000;
/** Weight of the newest answer in the running mean. */
const newestShare = 0.1;

/** Learns how much each model generates, to reserve neither nothing nor the caller's whole bound. */
export class OutputEstimate {
  /** In order of last use: the first is forgotten when there are too many. */
  private readonly meanOf = new Map<string, number>();

  /**
   * Tokens to reserve for an answer.
   *
   * @param bound the caller's own bound; `null` when it set none
   * @returns a whole number, at most `bound`
   */
  of(model: string, bound: number | null): number {
    const expected = Math.ceil(this.meanOf.get(model) ?? firstGuess);
    return bound === null ? expected : Math.min(bound, expected);
  }

  /** Learns from one answer. */
  learn(model: string, outputTokens: number): void {
    const mean = this.meanOf.get(model) ?? outputTokens;
    this.meanOf.delete(model);
    this.meanOf.set(model, mean + newestShare * (outputTokens - mean));
    if (this.meanOf.size <= mostModels) return;
    for (const oldest of this.meanOf.keys()) {
      this.meanOf.delete(oldest);
      return;
    }
  }
}
