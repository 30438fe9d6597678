import { priceOf } from '#billing';
import type { Lease, LeaseRequest } from '#provider-account-pool';
import type { RelayRequest } from './relay-contract.js';
import type { RouteTarget } from './route-plan.js';

/** A place a call may go. */
interface Place extends LeaseRequest {
  /** Tokens its model takes; `undefined` when nobody said. */
  readonly contextTokens?: number;
}

/**
 * Where a call may go: to the targets of its route, or of those, where it names something that lies with one account, to that
 * account's provider only.
 */
export function placesFor(
  request: RelayRequest,
  targets: readonly RouteTarget[],
  exclude: LeaseRequest['exclude'],
): readonly Place[] {
  const { boundTo } = request;
  const reachable =
    boundTo === undefined ? targets : targets.filter(({ provider }) => provider === boundTo.provider);
  return reachable.map((target) => placeFor(target, request, exclude));
}

/** The places whose models are said to take more tokens than the one that found a call too long. */
export function roomierPlaces(
  places: readonly Place[],
  { provider, target: { model } }: Pick<Lease, 'provider' | 'target'>,
): readonly Place[] {
  const tooSmall = places.find((place) => place.provider === provider && place.model === model);
  return places.filter(({ contextTokens = 0 }) => contextTokens > (tooSmall?.contextTokens ?? 0));
}

function placeFor(
  { provider, model, contextTokens }: RouteTarget,
  { call, caller, affinity }: RelayRequest,
  exclude: LeaseRequest['exclude'],
): Place {
  const place = {
    call,
    provider,
    model,
    inputTokens: call.inputTokensEstimate,
    maxOutputTokens: call.maxOutputTokens,
    price: priceOf(provider, model),
    affinity,
    callerId: caller.apiKeyId ?? '',
    callerWeight: caller.weight,
    exclude,
  };
  return contextTokens === undefined ? place : { ...place, contextTokens };
}
