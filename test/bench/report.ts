import type { Sample, Subject } from './measure.js';
import type { BenchCase } from './plan.js';

/** All samples of one case. */
export interface CaseSamples {
  readonly case: BenchCase;
  readonly samples: Readonly<Record<Subject['name'], readonly Sample[]>>;
}

/** The medians of one case and what they come to. */
export interface CaseReport {
  readonly workload: string;
  readonly connections: number;
  readonly medians: Readonly<Record<Subject['name'], Sample>>;
  /** The gateway beside the bare proxy; CPU is the median of the ratios within each round. */
  readonly ratios: { readonly cpu: number; readonly callsPerSecond: number; readonly rss: number };
  /** What each adds to the latency of going to the provider directly, at the same load. */
  readonly addedUs: Readonly<Record<'bare' | 'gateway', { readonly p50: number; readonly p99: number }>>;
}

/** The middle value; the lower one of two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

/** Boils samples down. */
export function reportOf({ case: { workload, connections }, samples }: CaseSamples): CaseReport {
  const medians = {
    direct: medianSample(samples.direct),
    bare: medianSample(samples.bare),
    gateway: medianSample(samples.gateway),
  };
  const { direct, bare, gateway } = medians;
  const added = ({ p50Us, p99Us }: Sample) => ({ p50: p50Us - direct.p50Us, p99: p99Us - direct.p99Us });
  const cpuRatios = samples.gateway.map(
    ({ cpuUsPerCall }, round) => cpuUsPerCall / (samples.bare[round]?.cpuUsPerCall ?? NaN),
  );
  return {
    workload: workload.name,
    connections,
    medians,
    ratios: {
      cpu: median(cpuRatios),
      callsPerSecond: gateway.callsPerSecond / bare.callsPerSecond,
      rss: gateway.rssBytes / bare.rssBytes,
    },
    addedUs: { bare: added(bare), gateway: added(gateway) },
  };
}

function medianSample(samples: readonly Sample[]): Sample {
  const of = (field: keyof Sample): number => median(samples.map((sample) => sample[field]));
  return {
    cpuUsPerCall: of('cpuUsPerCall'),
    callsPerSecond: of('callsPerSecond'),
    p50Us: of('p50Us'),
    p99Us: of('p99Us'),
    rssBytes: of('rssBytes'),
  };
}

/** The reports as a table for people. */
export function tableOf(reports: readonly CaseReport[]): string {
  const header = [
    '',
    'conns',
    '',
    'CPU us/call',
    'calls/s',
    'p50 ms',
    'p99 ms',
    '+p50 ms',
    '+p99 ms',
    'RSS MB',
  ];
  const rows = reports.flatMap(rowsOf);
  const widths = header.map((title, at) =>
    Math.max(...[title, ...rows.map((row) => row[at] ?? '')].map((cell) => cell.length)),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, at) =>
        at === 0 || at === 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join('  ');
  return [header, widths.map((width) => '-'.repeat(width)), ...rows].map(lineOf).join('\n');
}

function rowsOf({ workload, connections, medians, ratios, addedUs }: CaseReport): string[][] {
  const { direct, bare, gateway } = medians;
  const measured = (
    { cpuUsPerCall, callsPerSecond, p50Us, p99Us, rssBytes }: Sample,
    added: { p50: number; p99: number },
  ) => [
    cpuUsPerCall.toFixed(0),
    callsPerSecond.toFixed(0),
    inMs(p50Us),
    inMs(p99Us),
    inMs(added.p50),
    inMs(added.p99),
    (rssBytes / 1e6).toFixed(0),
  ];
  const times = (ratio: number): string => `${ratio.toFixed(2)} x`;
  return [
    [
      workload,
      String(connections),
      'direct',
      '',
      direct.callsPerSecond.toFixed(0),
      inMs(direct.p50Us),
      inMs(direct.p99Us),
    ],
    ['', '', 'bare proxy', ...measured(bare, addedUs.bare)],
    ['', '', 'gateway', ...measured(gateway, addedUs.gateway)],
    ['', '', 'ratio', times(ratios.cpu), times(ratios.callsPerSecond), '', '', '', '', times(ratios.rss)],
  ];
}

const inMs = (us: number): string => (us / 1000).toFixed(2);
