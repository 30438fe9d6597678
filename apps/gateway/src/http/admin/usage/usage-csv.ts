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
 * Sums as CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front.
 *
 * @param groupBy the dimensions, the first columns
 */
export function usageCsv(groupBy: readonly UsageDimension[], rows: readonly UsageSummaryRow[]): string {
  const lines = rows.map((row) => [
    ...groupBy.map((dimension) => textCell(row[dimension] ?? '')),
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

function textCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
