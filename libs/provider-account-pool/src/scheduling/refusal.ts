import type { AccountSet, Refusal, RefusalReason } from '#pool-core';
import type { PoolRefusal } from '../contract/lease.js';

/** Whether a reason passes: by time, or by the end of a call. The others take a person or another request. */
const passes: Record<RefusalReason, boolean> = {
  disabled: false,
  paused: false,
  compromised: false,
  credential_unusable: false,
  auth_failed: false,
  cooling: true,
  circuit_open: true,
  probing: true,
  out_of_quota: true,
  model_not_allowed: false,
  model_unavailable: false,
  already_tried: false,
  concurrency: true,
  rpm: true,
  tpm: true,
  itpm: true,
  otpm: true,
  rpd: true,
  tpd: true,
  budget_daily: true,
  budget_monthly: true,
  request_too_large_for_limit: true,
};

/**
 * Says what the refusals of all accounts mean for the call.
 *
 * @param earliestMs when an account could admit the call, as the core sees it; it does not count accounts the call has
 *   tried, so that for those the end of what holds them back stands in
 */
export function poolRefusal(refusals: readonly Refusal[], earliestMs: number | null): PoolRefusal {
  const passing = refusals.filter(({ reason }) => passes[reason]);
  if (passing.length > 0) {
    return { kind: 'refused', why: 'exhausted', refusals, earliestMs: earliestMs ?? soonest(passing) };
  }
  const tried = refusals.some(({ reason }) => reason === 'already_tried');
  return { kind: 'refused', why: tried ? 'tried' : 'unavailable', refusals, earliestMs: null };
}

/** Others wait for the pool already, and nobody is placed past them. */
export const othersWait: PoolRefusal = Object.freeze({
  kind: 'refused',
  why: 'exhausted',
  refusals: [],
  earliestMs: null,
});

/** The process stops, or the pool is gone. */
export const stopping: PoolRefusal = Object.freeze({ ...othersWait, why: 'stopping' });

/** An account and what stands in its way; `null`: nothing. */
type Obstacle = Pick<Refusal, 'accountId'> & { readonly reason: RefusalReason | null };

/** Whether an account that a call has not tried may come to serve it by itself: by time, or by the end of a call. */
export function waitingHelps(obstacles: readonly Obstacle[], tried: AccountSet): boolean {
  return obstacles.some(
    ({ accountId, reason }) => !tried.has(accountId) && (reason === null || passes[reason]),
  );
}

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

function soonest(refusals: readonly Refusal[]): number | null {
  const instants = refusals.map(({ untilMs }) => untilMs).filter((untilMs) => untilMs !== null);
  return instants.length === 0 ? null : Math.min(...instants);
}
