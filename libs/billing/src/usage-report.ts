import type { TokenUsage } from '#kernel';
import type { UsageAttempt } from './usage-record.js';

/** What usage can be summed up by. `tag` is one row per `name=value`; a call with several tags counts in each. */
export const usageDimensions = ['account', 'apiKey', 'model', 'provider', 'tag', 'day'] as const;
/** One of {@link usageDimensions}. */
export type UsageDimension = (typeof usageDimensions)[number];

/** Which records are wanted; whatever is left out does not narrow. */
export interface UsageFilter {
  readonly apiKeyId?: string;
  readonly accountId?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly status?: number;
  /** From this instant on, ms since the epoch. */
  readonly fromMs?: number;
  /** Before this instant, ms since the epoch. */
  readonly toMs?: number;
}

/** Which sums are wanted. */
export interface UsageSummaryRequest {
  /** One property of each row per dimension; none gives the one row of all. */
  readonly groupBy: readonly UsageDimension[];
  /** From this instant on, ms since the epoch. */
  readonly fromMs: number;
  /** Before this instant, ms since the epoch. */
  readonly toMs: number;
  /** Narrows further. */
  readonly filter?: Omit<UsageFilter, 'fromMs' | 'toMs'>;
}

/** Sums of one group. */
export interface UsageSums {
  readonly requests: number;
  /** Answered with a status of 400 or above. */
  readonly failedRequests: number;
  readonly tokens: TokenUsage;
  /** Decimal US dollars of the requests that have a price. */
  readonly costUsd: string;
  /** Requests whose cost is unknown and so not in `costUsd`. */
  readonly unpricedRequests: number;
}

/** One group: its value per dimension asked for (`null` where a call has none; days as `2026-01-31`, UTC) and its sums. */
export type UsageSummaryRow = UsageSums & Readonly<Partial<Record<UsageDimension, string | null>>>;

/** One record as the admin API shows it. */
export interface UsageRecordView {
  readonly id: string;
  readonly at: string;
  readonly requestId: string;
  readonly apiKeyId: string | null;
  readonly provider: string | null;
  readonly accountId: string | null;
  readonly model: string;
  readonly upstreamModel: string | null;
  readonly operation: string;
  readonly status: number;
  readonly attempts: readonly UsageAttempt[];
  readonly tokens: TokenUsage;
  readonly costUsd: string | null;
  readonly latencyMs: number;
  readonly firstByteMs: number | null;
  readonly stream: boolean;
  readonly tags: Readonly<Record<string, string>>;
}
