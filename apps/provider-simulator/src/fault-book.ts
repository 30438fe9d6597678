import type { Random } from '#kernel';
import type { Fault, FaultEffect } from './scenario/fault.js';

/** The faults of a call are chosen by this. */
export interface FaultSubject {
  readonly provider: string;
  readonly key: string;
  readonly model: string;
  readonly operation: string;
  readonly streamed: boolean;
}

/** A fault in force, with its number. */
export interface PlannedFault {
  readonly id: number;
  readonly fault: Fault;
  /** Calls it has struck. */
  readonly struck: number;
}

const streamsOnly: ReadonlySet<FaultEffect['kind']> = new Set([
  'slow_stream',
  'hang_mid_stream',
  'reset_mid_stream',
  'error_in_stream',
]);
const bodiesOnly: ReadonlySet<FaultEffect['kind']> = new Set(['reset_mid_body', 'truncated_json']);
const maxFaults = 1_000;

/** The planned faults, in order; the first that matches strikes. */
export class FaultBook {
  #planned: { id: number; fault: Fault; struck: number }[] = [];
  #lastId = 0;

  constructor(
    faults: readonly Fault[],
    readonly startedAtMs: number,
    private readonly random: Random,
  ) {
    for (const fault of faults) this.add(fault);
  }

  /**
   * @returns the fault's number
   * @throws RangeError beyond 1,000 faults
   */
  add(fault: Fault): number {
    if (this.#planned.length >= maxFaults) throw new RangeError(`No more than ${maxFaults} faults at once`);
    this.#planned.push({ id: ++this.#lastId, fault, struck: 0 });
    return this.#lastId;
  }

  /** @returns whether there was such a fault */
  remove(id: number): boolean {
    const before = this.#planned.length;
    this.#planned = this.#planned.filter((planned) => planned.id !== id);
    return this.#planned.length < before;
  }

  clear(): void {
    this.#planned = [];
  }

  list(): readonly PlannedFault[] {
    return this.#planned.map((planned) => ({ ...planned }));
  }

  /** The fault that strikes this call, if any; it counts as struck. */
  strike(subject: FaultSubject, nowMs: number): Fault | undefined {
    if (this.#planned.length === 0) return undefined;
    const sinceStartMs = nowMs - this.startedAtMs;
    const planned = this.#planned.find(
      ({ fault, struck }) =>
        struck < (fault.count ?? Infinity) &&
        isDue(fault, sinceStartMs) &&
        isAimedAt(fault, subject) &&
        (fault.probability === undefined || this.random() < fault.probability),
    );
    if (planned) planned.struck++;
    return planned?.fault;
  }
}

const isDue = (fault: Fault, sinceStartMs: number) =>
  sinceStartMs >= (fault.fromMs ?? 0) && sinceStartMs < (fault.untilMs ?? Infinity);

const matches = (wanted: string | undefined, actual: string) => wanted === undefined || wanted === actual;

function isAimedAt(fault: Fault, subject: FaultSubject): boolean {
  return (
    matches(fault.provider, subject.provider) &&
    matches(fault.key, subject.key) &&
    matches(fault.model, subject.model) &&
    matches(fault.operation, subject.operation) &&
    !(subject.streamed ? bodiesOnly : streamsOnly).has(fault.kind)
  );
}
