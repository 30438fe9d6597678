import type { Measured } from './bars.js';
import type { Figures } from './figures/figures.js';
import type { TrialReport } from './measure-trial.js';
import { peerRules } from './policies/peers.js';

type Column = readonly [title: string, of: (report: TrialReport) => string];

const fixed = (digits: number, value: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : '-';
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const own =
  (digits: number, of: (figures: Figures) => number) =>
  ({ measured }: TrialReport): string =>
    fixed(digits, mean(measured.map((one: Measured) => of(one.own))));

const columns: readonly Column[] = [
  ['scenario, rho', ({ name }) => name],
  ['load', own(2, ({ load }) => load)],
  ['goodput', own(4, ({ goodput }) => goodput)],
  ['oracle', ({ measured }) => fixed(4, measured[0]?.oracle().goodput ?? NaN)],
  ['best peer', bestPeer],
  ['wasted', own(2, ({ wastedPerMille }) => wastedPerMille)],
  ['refused', own(1, ({ refusedPerMille }) => refusedPerMille)],
  ['in vain', own(2, ({ refusedInVainPerMille }) => refusedInVainPerMille)],
  ['idle %', own(1, ({ idleWhenRefused }) => 100 * idleWhenRefused)],
  ['broken', own(2, ({ brokenPerMille }) => brokenPerMille)],
  ['spread', own(3, ({ utilisationSpread }) => utilisationSpread)],
  ['wait p50', own(0, ({ waitP50Ms }) => waitP50Ms)],
  ['p99 ms', own(0, ({ waitP99Ms }) => waitP99Ms)],
  ['end p99 s', own(1, ({ latencyP99Ms }) => latencyP99Ms / 1_000)],
  ['cache', own(3, ({ cacheHits }) => cacheHits)],
  ['Jain', own(3, ({ jain }) => jain)],
  ['heaviest', own(2, ({ heaviestShare }) => heaviestShare)],
  ['bars', ({ verdicts }) => (verdicts.every(({ holds }) => holds) ? 'ok' : 'MISSED')],
];

/** Goodput of the best peer and what it wastes. */
function bestPeer({ peers }: TrialReport): string {
  const best = peers.toSorted((a, b) => b.goodput - a.goodput)[0];
  if (best === undefined) return '-';
  const rule = peerRules[peers.indexOf(best)];
  return `${fixed(4, best.goodput)} ${rule?.name ?? ''} (${fixed(0, best.wastedPerMille)} wasted)`;
}

/** One line per scenario; Markdown. */
export function tableOf(reports: readonly TrialReport[]): string {
  return markdown(
    columns.map(([title]) => title),
    reports.map((report) => columns.map(([, of]) => of(report))),
  );
}

/** The bars that were missed, or all: what was to be reached and what was, with the worst seed; Markdown. */
export function barsOf(reports: readonly TrialReport[], missedAlone: boolean): string {
  const rows = reports.flatMap(({ name, verdicts }) =>
    verdicts
      .filter(({ holds }) => !missedAlone || !holds)
      .map(({ bar, reached, holds }) => [
        name,
        bar.label,
        `${bar.kind} ${bar.target}`,
        fixed(4, reached),
        holds ? 'ok' : 'MISSED',
      ]),
  );
  return markdown(['scenario, rho', 'bar', 'target', 'reached', ''], rows);
}

function markdown(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
