import type { FaultEffect } from '../scenario/fault.js';
import type { BilledTokens, Tally } from './tally.js';

/** One ended call. */
export interface CallRecord {
  /** Arrival, Unix milliseconds. */
  readonly atMs: number;
  readonly provider: string;
  /** As in the scenario; `unknown` for any other text or none. */
  readonly key: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Empty when the request named none. */
  readonly model: string;
  readonly streamed: boolean;
  /** 0 when no status was sent. */
  readonly status: number;
  readonly tokens: Readonly<BilledTokens>;
  /** The client closed before the answer was complete. */
  readonly aborted: boolean;
  readonly fault: FaultEffect['kind'] | null;
  readonly durationMs: number;
}

/** The tally of a provider, and of each of its keys. */
export type ProviderReport = Tally & {
  /** Every key of the scenario by its text; calls with any other key are under `unknown`. */
  readonly keys: Readonly<Record<string, Tally>>;
};

/** The independent witness that tests and benches compare with. */
export interface Report {
  /** When the scenario was loaded or reset, Unix milliseconds. */
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly providers: Readonly<Record<string, ProviderReport>>;
  /** The last calls that ended, oldest first. */
  readonly recent: readonly CallRecord[];
}

/** A request exactly as it arrived. */
export interface LastRequest {
  readonly provider: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names; equal names joined by a comma. A key the scenario does not know reads `[unknown key]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** As UTF-8 text. */
  readonly body: string;
  readonly bodyBase64: string;
}
