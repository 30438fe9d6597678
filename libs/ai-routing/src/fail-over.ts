import type { Operation } from '#ai-provider';
import type { FailureClass } from '#kernel';

/** Whether a call may go to the next account: freely, within the retry budget, or not at all. */
export type FailOverVerdict = 'free' | 'budgeted' | 'never';

/** Operations that cost money or act each time they are done, so that doing them twice by mistake matters. */
const withSideCost: ReadonlySet<Operation> = new Set<Operation>(['image_generations', 'speech']);

/**
 * Decides from what the failure means. After a refusal (429, 401, 403, no such model) the provider did nothing and
 * another account costs nothing; after a breakdown the retry adds load to something that is ill, so it is budgeted, and
 * where the provider may have acted already it is not made for operations with side cost.
 */
export function mayTryAgain(operation: Operation, failure: FailureClass): FailOverVerdict {
  switch (failure) {
    case 'rate_limited':
    case 'quota_exhausted':
    case 'authentication':
    case 'permission':
    case 'model_unavailable':
      return 'free';
    case 'overloaded':
      return 'budgeted';
    case 'server_error':
    case 'timeout':
    case 'transport':
    case 'unknown':
      return withSideCost.has(operation) ? 'never' : 'budgeted';
    case 'invalid_request':
    case 'context_length':
    case 'content_policy':
    case 'payload_too_large':
    case 'not_found':
    case 'conflict':
      return 'never';
  }
}
