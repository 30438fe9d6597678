import { csvCell } from '#kernel';
import type { UsageDimension, UsageSummaryRow } from '#billing';

const sums = [
  'requests',
  'failedRequests',
  'input',
  'cachedInput',
  'output',
  'reasoning',
  'costUsd',
  'unpricedRequests',
];

/**
 * Sums as CSV (RFC 4180).
 *
 * @param groupBy the dimensions, the first columns
 */
export function usageCsv(groupBy: readonly UsageDimension[], rows: readonly UsageSummaryRow[]): string {
  const lines = rows.map((row) => [
    ...groupBy.map((dimension) => csvCell(row[dimension] ?? '')),
    row.requests,
    row.failedRequests,
    row.tokens.input,
    row.tokens.cachedInput,
    row.tokens.output,
    row.tokens.reasoning,
    row.costUsd,
    row.unpricedRequests,
  ]);
  return [[...groupBy, ...sums], ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}
