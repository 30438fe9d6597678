import type { PoolReport } from './report.js';

/** The report as a table for people. */
export function printReport(report: PoolReport): string {
  const { requests, failed, failOvers, entropyRatio, latencyMs, keys, errors } = report;
  const head = ['key', 'requests', 'share', 'cool-downs', 'failures', 'p50 ms', 'p99 ms'];
  const rows = keys.map((key) => [
    key.accountId,
    String(key.answered),
    `${(key.share * 100).toFixed(1)} %`,
    String(key.coolDowns),
    String(key.failures),
    key.latencyMs.p50.toFixed(1),
    key.latencyMs.p99.toFixed(1),
  ]);
  const lines = [
    ...table([head, ...rows]),
    '',
    `${requests} requests, ${failed} failed, ${failOvers} fail-overs, entropy ratio ${entropyRatio.toFixed(4)}, ` +
      `p50 ${latencyMs.p50.toFixed(1)} ms, p99 ${latencyMs.p99.toFixed(1)} ms`,
    ...Object.entries(errors).map(([message, count]) => `  ${count} x ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}
