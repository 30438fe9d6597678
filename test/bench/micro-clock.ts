import { median } from './report.js';

const timedUs = 1_500_000;
const warmUpUs = 300_000;

/** Operations between two looks at the clock. */
export const perBatch = 500;

/** Prints what one operation costs. */
export function time(name: string, operation: () => void): void {
  timeInBatches(name, operation, () => undefined);
}

/**
 * Prints what one operation costs, without what tidies up behind each batch: of all batches the median and the one that a tenth are
 * below, which other work on the machine and collections of garbage hardly move, and the mean, which has both. By the clock on the
 * wall: the one of the processor moves in steps of milliseconds, longer than a batch.
 */
export function timeInBatches(name: string, operation: () => void, tidyUp: () => void): void {
  const batchUs: number[] = [];
  let spentUs = 0;
  while (spentUs < warmUpUs + timedUs) {
    const startedNs = process.hrtime.bigint();
    for (let at = 0; at < perBatch; at++) operation();
    const us = Number(process.hrtime.bigint() - startedNs) / 1_000;
    tidyUp();
    if (spentUs >= warmUpUs) batchUs.push(us / perBatch);
    spentUs += us;
  }
  const sorted = batchUs.toSorted((a, b) => a - b);
  const below = (share: number): string => (sorted[Math.floor(share * sorted.length)] as number).toFixed(2);
  const mean = (batchUs.reduce((sum, us) => sum + us, 0) / batchUs.length).toFixed(2);
  process.stdout.write(
    `${name.padEnd(78)} ${below(0.5).padStart(8)} us, a tenth below ${below(0.1)}, mean ${mean}\n`,
  );
}

/** Bytes that one operation allocates once it runs warm; the median of many batches, but for those that a collection fell into. */
export function bytesPer(operation: () => void, tidyUp: () => void): number {
  const perBatchBytes = Array.from({ length: 200 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < perBatch; at++) operation();
    const allocated = process.memoryUsage().heapUsed - before;
    tidyUp();
    return allocated;
  });
  const withoutCollection = perBatchBytes.slice(100).filter((bytes) => bytes > 0);
  return Math.round(median(withoutCollection) / perBatch);
}
