import { median } from './report.js';

const rounds = 9;
const roundUs = 200_000;

/** Operations between two looks at the clock. */
export const perBatch = 500;

/** Prints what one operation costs: processor time of this thread, so that other work on the machine counts little. */
export function time(name: string, operation: () => void): void {
  timeInBatches(name, operation, () => undefined);
}

/** Prints what one operation costs, without what tidies up behind each batch. */
export function timeInBatches(name: string, operation: () => void, tidyUp: () => void): void {
  const perRound = Array.from({ length: rounds }, () => {
    let spentUs = 0;
    let count = 0;
    for (; spentUs < roundUs; count += perBatch) {
      const startedUs = cpuUs();
      for (let at = 0; at < perBatch; at++) operation();
      spentUs += cpuUs() - startedUs;
      tidyUp();
    }
    return spentUs / count;
  });
  const least = Math.min(...perRound);
  process.stdout.write(
    `${name.padEnd(78)} ${median(perRound).toFixed(2).padStart(8)} us, least ${least.toFixed(2)}\n`,
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

function cpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
