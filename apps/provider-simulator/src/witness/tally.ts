/** Tokens as the provider would bill them. */
export interface BilledTokens {
  /** All prompt tokens, cached ones included. */
  input: number;
  /** Prompt tokens read from the prompt cache; part of `input`. */
  cached: number;
  output: number;
}

/** Nothing used. */
export const noTokens: Readonly<BilledTokens> = Object.freeze({ input: 0, cached: 0, output: 0 });

/** What happened at one provider or with one key. */
export interface Tally {
  /** Calls that arrived, those still running included. */
  readonly calls: number;
  /** Ended calls by status; `0` when no status was sent (hang, reset, client gone). */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly tokens: Readonly<BilledTokens>;
  readonly inFlight: number;
  readonly peakInFlight: number;
  /** Calls whose client closed before the answer was complete. */
  readonly aborted: number;
  /** Calls struck by a fault. */
  readonly faulted: number;
  /** Arrival of the first and the last call, Unix milliseconds. */
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
}

/** How one call ended. */
export interface CallEnd {
  readonly status: number;
  readonly tokens: Readonly<BilledTokens>;
  readonly aborted: boolean;
  readonly faulted: boolean;
}

/** Counts calls as they come and go. */
export class TallyCounter {
  #calls = 0;
  #inFlight = 0;
  #peakInFlight = 0;
  #aborted = 0;
  #faulted = 0;
  #firstAtMs: number | null = null;
  #lastAtMs: number | null = null;
  readonly #byStatus: Record<string, number> = {};
  readonly #tokens: BilledTokens = { ...noTokens };

  begin(nowMs: number): void {
    this.#calls++;
    this.#inFlight++;
    if (this.#inFlight > this.#peakInFlight) this.#peakInFlight = this.#inFlight;
    this.#firstAtMs ??= nowMs;
    this.#lastAtMs = nowMs;
  }

  end({ status, tokens, aborted, faulted }: CallEnd): void {
    this.#inFlight--;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    this.#tokens.input += tokens.input;
    this.#tokens.cached += tokens.cached;
    this.#tokens.output += tokens.output;
    if (aborted) this.#aborted++;
    if (faulted) this.#faulted++;
  }

  read(): Tally {
    return {
      calls: this.#calls,
      byStatus: { ...this.#byStatus },
      tokens: { ...this.#tokens },
      inFlight: this.#inFlight,
      peakInFlight: this.#peakInFlight,
      aborted: this.#aborted,
      faulted: this.#faulted,
      firstAtMs: this.#firstAtMs,
      lastAtMs: this.#lastAtMs,
    };
  }
}
