import type { UsageAttempt, UsageRecord } from '#billing';

/** What one key did. */
export interface KeyReport {
  readonly accountId: string;
  /** Requests it answered. */
  readonly answered: number;
  /** Of all answered requests, 0 to 1. */
  readonly share: number;
  /** 429s it met, each of which benched it. */
  readonly coolDowns: number;
  /** Other failures. */
  readonly failures: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

/** What a run came to. */
export interface PoolReport {
  readonly requests: number;
  readonly failed: number;
  /** Attempts beyond the first of each request. */
  readonly failOvers: number;
  /** Entropy of the answers over the keys, relative to a perfectly even distribution: 1 is even. */
  readonly entropyRatio: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly keys: readonly KeyReport[];
  /** Messages of failed requests with how often each came. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * Sums a run up.
 *
 * @param accountIds every key of the pool, so that one never used shows too
 */
export function reportOf(
  records: readonly UsageRecord[],
  accountIds: readonly string[],
  errors: readonly string[],
): PoolReport {
  const attempts = records.flatMap((record) => record.attempts);
  const answered = attempts.filter(({ class: failure }) => failure === null).length;
  const keys = accountIds.map((id) =>
    keyReport(
      id,
      attempts.filter(({ accountId }) => accountId === id),
      answered,
    ),
  );
  return {
    requests: records.length,
    failed: errors.length,
    failOvers: records.reduce((sum, { attempts: made }) => sum + Math.max(0, made.length - 1), 0),
    entropyRatio: entropyRatio(keys.map(({ answered: count }) => count)),
    latencyMs: percentiles(records.map(({ latencyMs }) => latencyMs)),
    keys,
    errors: countOf(errors),
  };
}

function keyReport(accountId: string, attempts: readonly UsageAttempt[], total: number): KeyReport {
  const succeeded = attempts.filter(({ class: failure }) => failure === null);
  const coolDowns = attempts.filter(({ class: failure }) => failure === 'rate_limited').length;
  return {
    accountId,
    answered: succeeded.length,
    share: total === 0 ? 0 : succeeded.length / total,
    coolDowns,
    failures: attempts.length - succeeded.length - coolDowns,
    latencyMs: percentiles(succeeded.map(({ latencyMs }) => latencyMs)),
  };
}

/** @returns H(counts) / log(n), 1 for one key or none */
export function entropyRatio(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length < 2 || total === 0) return 1;
  const entropy = counts
    .filter((count) => count > 0)
    .reduce((sum, count) => sum - (count / total) * Math.log(count / total), 0);
  return entropy / Math.log(counts.length);
}

function percentiles(values: readonly number[]): { p50: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

function countOf(messages: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(messages, (message) => message);
  return Object.fromEntries([...groups].map(([message, same]) => [message, same.length]));
}
