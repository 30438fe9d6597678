import { priceOf } from '#billing';
import type { AccountId } from '#kernel';
import type { Lease, LeaseRequest } from '#provider-account-pool';
import type { RelayRequest } from './relay-contract.js';
import type { RouteTarget } from './route-plan.js';

type Exclude = LeaseRequest['exclude'];

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
  exclude: Exclude,
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

/**
 * The places that are left after an account failed for one model alone: that model is not asked of it again.
 *
 * @returns `null` when no place has another model of this provider, for which the account could be asked
 */
export function withoutModelOf(
  places: readonly Place[],
  { accountId, provider, target: { model } }: Pick<Lease, 'accountId' | 'provider' | 'target'>,
): readonly Place[] | null {
  if (!places.some((place) => place.provider === provider && place.model !== model)) return null;
  return places.map((place) => {
    if (place.provider !== provider || place.model !== model) return place;
    const exclude = place.exclude instanceof TriedHere ? place.exclude : new TriedHere(place.exclude);
    exclude.here.add(accountId);
    return { ...place, exclude };
  });
}

/** Accounts that a call has tried: for any model, or for that of one place. */
class TriedHere implements Exclude {
  readonly here = new Set<AccountId>();

  constructor(private readonly anywhere: Exclude) {}

  get only(): AccountId | undefined {
    return this.anywhere.only;
  }

  get size(): number {
    return this.anywhere.size + this.here.size;
  }

  has(id: AccountId): boolean {
    return this.here.has(id) || this.anywhere.has(id);
  }
}

function placeFor(
  { provider, model, contextTokens }: RouteTarget,
  { call, caller, affinity }: RelayRequest,
  exclude: Exclude,
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
