import { passes, type Refusal, type Refused } from '#pool-core';
import type { PoolRefusal } from '../contract/lease.js';

/** What a refusal of the core says, whoever has found out the reasons. */
type RefusedByAll = Omit<Refused, 'refusals'> & { readonly refusals: Iterable<Refusal> };

/** Says what the refusal of a pool means for the call. */
export function poolRefusal({ refusals, earliestMs, waitingHelps }: RefusedByAll): PoolRefusal {
  if (waitingHelps) return { kind: 'refused', why: 'exhausted', refusals, earliestMs };
  return { kind: 'refused', why: isTried(refusals) ? 'tried' : 'unavailable', refusals, earliestMs: null };
}

/** As {@link poolRefusal}, for a call that only this account can serve. @param refusal `null` when there is no such account */
export function refusalOfOnly(refusal: Refusal | null): PoolRefusal {
  const refusals = refusal === null ? [] : [refusal];
  const waitingHelps = refusal !== null && passes(refusal.reason);
  return poolRefusal({ kind: 'refused', refusals, earliestMs: refusal?.untilMs ?? null, waitingHelps });
}

/** There is no such pool. */
export const nobody: PoolRefusal = Object.freeze({
  kind: 'refused',
  why: 'unavailable',
  refusals: [],
  earliestMs: null,
});

/** Others wait for the pool already, and nobody is placed past them. */
export const othersWait: PoolRefusal = Object.freeze({
  kind: 'refused',
  why: 'exhausted',
  refusals: [],
  earliestMs: null,
});

/** The process stops, or the pool is gone. */
export const stopping: PoolRefusal = Object.freeze({ ...othersWait, why: 'stopping' });

/** The provider has no such operation in this wire format. */
export const unsupported: PoolRefusal = Object.freeze({
  kind: 'refused',
  why: 'unsupported',
  refusals: [],
  earliestMs: null,
});

/** The provider cannot be told something of the call in any wire format of its own. */
export const untranslatable = ({ field, message }: NonNullable<PoolRefusal['fault']>): PoolRefusal => ({
  ...unsupported,
  fault: { field, message },
});

function isTried(refusals: Iterable<Refusal>): boolean {
  for (const { reason } of refusals) if (reason === 'already_tried') return true;
  return false;
}
