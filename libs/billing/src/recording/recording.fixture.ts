import type { Logger } from '#observability';
import type { UsageSeries } from './usage-series.js';

const nothing = (): void => undefined;

/** For specs: says nothing. */
export const quietLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** For specs: series whose counts can be read, by the value of their one label. */
export function countingSeries(): { series: UsageSeries; counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  const counter = {
    increment(labels: Readonly<Record<string, string>> = {}, by = 1): void {
      for (const value of Object.values(labels)) counts[value] = (counts[value] ?? 0) + by;
    },
  };
  return { series: { records: counter, dropped: counter }, counts };
}
