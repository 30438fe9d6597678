import type { AccountId, ApiKeyId, CallId, FailureClass, NanoUsd, TokenUsage } from '#kernel';

/** One upstream attempt of a call. */
export interface UsageAttempt {
  readonly accountId: AccountId;
  readonly provider: string;
  /** HTTP status of the provider; `null` when there was no answer. */
  readonly status: number | null;
  /** `null` when the attempt succeeded; `aborted` when the caller went away. */
  readonly class: FailureClass | 'aborted' | null;
  readonly latencyMs: number;
}

/** What one call of a caller used. Written once, whatever number of attempts it took; the call's id makes it unique. */
export interface UsageRecord {
  readonly id: CallId;
  /** When the call came in, ms since the epoch. */
  readonly atMs: number;
  readonly apiKeyId: ApiKeyId | null;
  /** The provider and account that answered, or were tried last; `null` when no account was ever tried. */
  readonly provider: string | null;
  readonly accountId: AccountId | null;
  /** As the caller named it. */
  readonly model: string;
  readonly upstreamModel: string | null;
  readonly operation: string;
  /** The status the caller got; 499 when it went away. */
  readonly status: number;
  readonly attempts: readonly UsageAttempt[];
  readonly tokens: TokenUsage;
  /** What the account pays relative to the list price, >= 0; default 1. */
  readonly costFactor?: number;
  /** `null` when the model has no price. Filled in by the recorder when left out. */
  readonly costNanoUsd?: NanoUsd | null;
  readonly latencyMs: number;
  /** ms to the first byte of the answer; `null` when there was none. */
  readonly firstByteMs: number | null;
  readonly stream: boolean;
  /** Cost attribution, from `x-pool-tags`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Takes usage records and loses none. */
export abstract class UsageRecorder {
  /** Returns at once and never throws; the record is rated, journalled and written to the ledger in batches. */
  abstract record(usage: UsageRecord): void;
}
