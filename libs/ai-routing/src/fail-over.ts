import type { Operation } from '#ai-provider';
import type { FailureClass } from '#kernel';

/** Whether a call may go to the next account: freely, within the retry budget, only to a model that takes more, or not at all. */
export type FailOverVerdict = 'free' | 'budgeted' | 'where_larger' | 'never';

/** Operations that cost money or act each time they are done, so that doing them twice by mistake matters. */
const withSideCost: ReadonlySet<Operation> = new Set<Operation>([
  'image_generations',
  'image_edits',
  'image_variations',
  'speech',
  'stored_objects',
]);

/** What a failure allows: `worked` says that the provider may have done something already. */
const verdicts: Readonly<Record<FailureClass, FailOverVerdict | 'worked'>> = {
  rate_limited: 'free',
  quota_exhausted: 'free',
  authentication: 'free',
  permission: 'free',
  model_unavailable: 'free',
  overloaded: 'budgeted',
  server_error: 'worked',
  timeout: 'worked',
  transport: 'worked',
  unknown: 'worked',
  invalid_request: 'never',
  context_length: 'where_larger',
  content_policy: 'never',
  payload_too_large: 'never',
  not_found: 'never',
  conflict: 'never',
};

/**
 * Decides from what the failure means. After a refusal (429, 401, 403, no such model) the provider did nothing and
 * another account costs nothing; after a breakdown the retry adds load to something that is ill, so it is budgeted, and
 * where the provider may have acted already it is not made for operations with side cost.
 */
export function mayTryAgain(operation: Operation, failure: FailureClass): FailOverVerdict {
  const verdict = verdicts[failure];
  if (verdict !== 'worked') return verdict;
  return withSideCost.has(operation) ? 'never' : 'budgeted';
}
