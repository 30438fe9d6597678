/** What a model nobody has called yet is expected to generate, tokens. */
const firstGuess = 400;
const mostModels = 1_000;
const mostCallers = 10_000;
/** Weight of the newest answer in the running mean, once there are enough of them. */
const newestShare = 0.1;
/** Answers from which a caller is known by its own; fewer say less than all callers of the model. */
const enoughAnswers = 5;
/** Running mean of answers; reserving for their spread as well serves less and, with the safety margin, spares nothing. */
class Lengths {
  answers = 0;
  mean = 0;

  learn(tokens: number): void {
    this.answers += 1;
    this.mean += Math.max(newestShare, 1 / this.answers) * (tokens - this.mean);
  }
}

/** {@link Lengths} by name; one that was not learnt from for long is forgotten when there are too many. */
class BoundedLengths {
  private readonly byName = new Map<string, Lengths>();

  constructor(private readonly most: number) {}

  get(name: string): Lengths | undefined {
    return this.byName.get(name);
  }

  learn(name: string, tokens: number): void {
    const known = this.byName.get(name);
    const lengths = known ?? new Lengths();
    lengths.learn(tokens);
    // While there is room the order does not matter, and putting it right costs more than learning.
    if (known !== undefined && this.byName.size <= this.most / 2) return;
    this.byName.delete(name);
    this.byName.set(name, lengths);
    if (this.byName.size > this.most) this.forgetOldest();
  }

  private forgetOldest(): void {
    for (const oldest of this.byName.keys()) {
      this.byName.delete(oldest);
      return;
    }
  }
}

/** Learns how much each caller lets each model generate, to reserve neither nothing nor the caller's whole bound. */
export class OutputEstimate {
  private readonly ofModel = new BoundedLengths(mostModels);
  private readonly ofCaller = new BoundedLengths(mostCallers);

  /**
   * Tokens to reserve for an answer: as this caller's usually are, else as all callers' are, else a first guess.
   *
   * @param callerId `null` when nobody in particular asks
   * @param bound the caller's own bound; `null` when it set none
   * @returns a whole number, at most `bound`
   */
  of(callerId: string | null, model: string, bound: number | null): number {
    const own = callerId === null ? undefined : this.ofCaller.get(nameOf(callerId, model));
    const known = own !== undefined && own.answers >= enoughAnswers ? own : this.ofModel.get(model);
    const expected = Math.ceil(known?.mean ?? firstGuess);
    return bound === null ? expected : Math.min(bound, expected);
  }

  /** Learns from one answer. */
  learn(callerId: string | null, model: string, outputTokens: number): void {
    this.ofModel.learn(model, outputTokens);
    if (callerId !== null) this.ofCaller.learn(nameOf(callerId, model), outputTokens);
  }
}

const nameOf = (callerId: string, model: string): string => `${callerId} ${model}`;
