/** How fast envelopes are moved: what the database and the holder of keys have to bear. */
export interface RewrapPace {
  /** Rows of one transaction, at least 1. */
  readonly batchRows: number;
  /** Between two batches, ms. */
  readonly pauseMs: number;
}

/** At most 2,000 rows a second. */
export const usualPace: RewrapPace = { batchRows: 100, pauseMs: 50 };

/** Injection token of the {@link RewrapPace}. */
export const REWRAP_PACE = Symbol('RewrapPace');
