import type { ModelCall } from '#ai-provider';
import { DomainError } from '#kernel';
import type { CallTrail } from './call-trail.js';

/**
 * Says in our own words why nothing served the call. The order is what helps the caller most: when to come back, then
 * what the last provider did, then what is not configured.
 */
export function refuse(call: ModelCall, trail: CallTrail, nowMs: number): DomainError {
  if (trail.refusals.some(({ why }) => why === 'stopping')) {
    return new DomainError('shutting_down', 'The gateway is stopping. Send the call again.');
  }
  if (isUnknownToAll(trail)) {
    return new DomainError('model_not_found', `No account serves the model '${call.model}'.`, {
      field: 'model',
    });
  }
  const earliestMs = earliest(trail);
  if (earliestMs !== null) return exhausted(call, earliestMs - nowMs);
  const failure = trail.lastFailure?.failure ?? null;
  // The provider limits everybody, so that no account was put to rest.
  if (failure?.class === 'rate_limited') return exhausted(call, failure.retryAfterMs ?? 0);
  if (failure !== null) return upstreamRefusal(call, failure.class);
  if (trail.refusals.some(({ why }) => why === 'exhausted')) return exhausted(call, 0);
  if (trail.refusals.length > 0 && trail.refusals.every(({ why }) => why === 'unsupported')) {
    const fault = trail.refusals.find((refusal) => refusal.fault !== undefined)?.fault;
    if (fault !== undefined) return new DomainError('invalid_request', fault.message, { field: fault.field });
    return new DomainError(
      'unsupported_operation',
      `No target of model '${call.model}' serves this operation in this wire format.`,
      { field: 'model' },
    );
  }
  return new DomainError('pool_unavailable', `No account is available for model '${call.model}'.`);
}

/** What an account refuses a call for when it does not serve the model, or has said so in this very call. */
const unserved: ReadonlySet<string> = new Set(['model_unavailable', 'model_not_allowed', 'already_tried']);

/** Whether providers have said that they do not know the model, and nothing else stands in the way. */
function isUnknownToAll({ attempts, refusals }: CallTrail): boolean {
  // Reasons are found out when they are read, and tell of the present: so not where waiting would have helped.
  if (refusals.some(({ why }) => why === 'exhausted')) return false;
  if (!attempts.every((attempt) => attempt.class === 'model_unavailable')) return false;
  let isSaid = attempts.length > 0;
  for (const refusal of refusals) {
    let accounts = 0;
    for (const { reason } of refusal.refusals) {
      if (!unserved.has(reason)) return false;
      isSaid ||= reason === 'model_unavailable';
      accounts += 1;
    }
    if (accounts === 0) return false;
  }
  return isSaid;
}

function exhausted({ model }: ModelCall, waitMs: number): DomainError {
  return new DomainError(
    'pool_exhausted',
    `All capacity for model '${model}' is in use or cooling down. Try again after the time in Retry-After.`,
    { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
  );
}

/** The soonest instant any pool of the plan could have admitted the call; `null` when waiting helps nowhere. */
function earliest(trail: CallTrail): number | null {
  const instants = trail.refusals.flatMap(({ earliestMs }) => (earliestMs === null ? [] : [earliestMs]));
  return instants.length === 0 ? null : Math.min(...instants);
}

function upstreamRefusal(call: ModelCall, failure: string): DomainError {
  if (failure === 'timeout') {
    return new DomainError(
      'upstream_timeout',
      `The provider of model '${call.model}' did not answer in time.`,
    );
  }
  if (failure === 'authentication' || failure === 'permission' || failure === 'quota_exhausted') {
    return new DomainError('pool_unavailable', `No account is available for model '${call.model}'.`);
  }
  return new DomainError('upstream_failed', `The provider of model '${call.model}' failed.`);
}
