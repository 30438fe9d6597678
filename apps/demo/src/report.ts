import { formatUsd } from '#kernel';
import type { AccountRow } from './account-rows.js';
import type { Evidence } from './complaints.js';
import { table } from './table.js';

const head = ['account', 'calls', 'share', 'weight', '429s', 'fail-overs', 'cost', 'state'];

/** The table of accounts and what the run came to, as text for people. */
export function report({ traffic, rows, seen }: Evidence): string {
  const { calls, plain, streamed, errors, durationMs } = traffic;
  const answered = [...seen.values()].reduce((sum, key) => sum + key.answered, 0);
  const failOvers = rows.reduce((sum, row) => sum + row.failOvers, 0);
  const cost = rows.reduce((sum, row) => sum + row.costNanoUsd, 0n);
  return [
    ...table([head, ...rows.map(cells)]),
    '',
    `${calls} calls (${plain} plain, ${streamed} streamed) in ${(durationMs / 1000).toFixed(1)} s, ` +
      `${failOvers} fail-overs, ${dollars(cost)}.`,
    `Callers saw ${errors.length === 0 ? 'no error' : `${errors.length} errors`}. ` +
      `The simulated providers say that they answered ${answered} calls.`,
    '',
  ].join('\n');
}

function cells(row: AccountRow): string[] {
  return [
    row.name,
    String(row.calls),
    percent(row.share),
    percent(row.weightShare),
    String(row.rateLimited),
    String(row.failOvers),
    dollars(row.costNanoUsd),
    row.state,
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const dollars = (amount: bigint): string => `$${Number(formatUsd(amount)).toFixed(6)}`;
