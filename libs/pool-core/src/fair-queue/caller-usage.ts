/** Half-lives after which the unit of usage is set anew, long before numbers overflow. */
const longestHalfLives = 500;
/** The weight of the present moment may be this old. */
const weightAgeMs = 50;

/**
 * What one caller has of the pool, in a unit that grows with time: what was added long ago counts little beside what is
 * added now, and nothing has to be touched to fade.
 */
export class Caller {
  /** Load of calls granted. */
  used = 0;
  /** Load of calls that wait. */
  waiting = 0;
  /** Load of calls that were told when to come back. */
  kept = 0;

  /** What it has, will have soon and waits for, in load as weighed. */
  get had(): number {
    return this.used + this.waiting + this.kept;
  }
}

/** Exponentially decayed usage by caller. Remembers the last `mostCallers` surely, and at most twice as many. */
export class CallerUsage {
  private young = new Map<string, Caller>();
  private old = new Map<string, Caller>();
  private used = 0;
  private originMs = NaN;
  private weighedMs = NaN;
  private weight = 1;

  constructor(
    private readonly halfLifeMs: number,
    private readonly mostCallers: number,
  ) {}

  /** A caller by its id; one that is not known has had nothing. */
  of(callerId: string): Caller {
    return this.young.get(callerId) ?? this.remember(callerId);
  }

  /** A caller was granted something. */
  add(caller: Caller, load: number, nowMs: number): void {
    const weighed = load * this.weightAt(nowMs);
    caller.used += weighed;
    this.used += weighed;
  }

  /** What one caller has had of late, of what all have had, in [0, 1]. */
  shareOf({ used }: Caller): number {
    return this.used === 0 ? 0 : used / this.used;
  }

  /** What load added now is to be multiplied by. */
  weightAt(nowMs: number): number {
    const ageMs = nowMs - this.weighedMs;
    if (ageMs >= 0 && ageMs < weightAgeMs) return this.weight;
    if (Number.isNaN(this.originMs)) this.originMs = nowMs;
    this.weighedMs = nowMs;
    this.weight = 2 ** ((nowMs - this.originMs) / this.halfLifeMs);
    return this.weight;
  }

  /**
   * Sets the unit anew when it has grown too far.
   *
   * @returns what to multiply everything by that was weighed; 1 most of the time
   */
  rebase(nowMs: number): number {
    if (!(nowMs - this.originMs > longestHalfLives * this.halfLifeMs)) return 1;
    const factor = 2 ** ((this.originMs - nowMs) / this.halfLifeMs);
    for (const caller of [...this.young.values(), ...this.old.values()]) {
      caller.used *= factor;
      caller.waiting *= factor;
      caller.kept *= factor;
    }
    this.used *= factor;
    this.originMs = nowMs;
    this.weighedMs = NaN;
    return factor;
  }

  private remember(callerId: string): Caller {
    const caller = this.old.get(callerId) ?? new Caller();
    if (this.young.size >= this.mostCallers) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(callerId, caller);
    return caller;
  }
}
