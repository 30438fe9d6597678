import { DomainError } from '#kernel';
import type { RelayCaller, RelayRequest } from './relay-contract.js';
import { tiersWithin, type RouteTiers } from './route-plan.js';

/** The targets of a plan that the caller may reach, or why there is none. */
export function reachable(
  plan: RouteTiers | null,
  model: string,
  { permit }: Pick<RelayCaller, 'permit'>,
): RouteTiers | DomainError {
  if (permit === null) return plan ?? unknownModel(model);
  if (plan === null && permit.knows(model)) return unknownModel(model);
  const tiers = plan === null ? [] : tiersWithin(plan, model, permit);
  return tiers.length > 0 ? tiers : modelNotAllowed(model);
}

const unknownModel = (model: string): DomainError =>
  new DomainError('model_not_found', `The model '${model}' does not exist.`, { field: 'model' });

const modelNotAllowed = (model: string): DomainError =>
  new DomainError('model_not_allowed', `The key may not use the model '${model}'.`, { field: 'model' });

/** That the account which keeps what a call names is of another provider than its model. */
export function boundElsewhere({ call }: RelayRequest): DomainError {
  return new DomainError(
    'invalid_request',
    `What the request names by id lies with a provider that does not serve the model '${call.model}'.`,
    { field: 'model' },
  );
}
