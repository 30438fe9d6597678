import type { BenchChild } from './bench-child.js';
import type { LoadJob, LoadNews } from './load-child.js';
import { requestBody, type BenchCase, type BenchPlan } from './plan.js';
import { statsOf } from './process-stats.js';
import { upstreamNames } from './upstream.js';

/** Something that answers calls. */
export interface Subject {
  readonly name: 'direct' | 'bare' | 'gateway';
  /** `null` when its CPU is of no interest. */
  readonly pid: number | null;
  /** Where a call for this simulated provider goes. */
  target(provider: string): { readonly url: string; readonly key: string; readonly model: string };
}

/** One measurement of one subject. */
export interface Sample {
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly rssBytes: number;
}

/** Puts the subject under load. @throws Error when a call failed: such figures mean nothing */
export async function measure(
  subject: Subject,
  { workload, connections }: BenchCase,
  { warmUpMs, measureMs, maxCalls }: BenchPlan,
  load: BenchChild<LoadJob, LoadNews>,
): Promise<Sample> {
  const { url, key, model } = subject.target(workload.stream ? upstreamNames.paced : upstreamNames.plain);
  const headers = { authorization: `Bearer ${key}` };
  load.send({ url, headers, body: requestBody(workload, model), connections, warmUpMs, measureMs, maxCalls });
  await load.next();
  const before = subject.pid === null ? nothing : statsOf(subject.pid);
  const result = await load.next();
  const after = subject.pid === null ? nothing : statsOf(subject.pid);
  await load.next();
  if (result.kind !== 'measured') throw new Error('the load generator spoke out of turn');
  if (result.failures > 0) {
    throw new Error(
      `${subject.name}: ${result.failures} calls failed, the first with "${result.firstFailure}"`,
    );
  }
  return {
    cpuUsPerCall: (after.cpuUs - before.cpuUs) / Math.max(1, result.calls),
    callsPerSecond: (result.calls * 1000) / result.durationMs,
    p50Us: result.p50Us,
    p99Us: result.p99Us,
    rssBytes: after.rssBytes,
  };
}

const nothing = { cpuUs: 0, rssBytes: 0 };
