/**
 * What went wrong at a provider, by meaning. Decides what happens to the account and whether the call moves on:
 *
 * - `rate_limited` passes by itself soon; `quota_exhausted` does not (credit, plan or daily limit used up)
 * - `authentication` the key is not accepted; `permission` it is, but this is not allowed
 * - `model_unavailable` this account cannot use this model; `overloaded` the provider lacks capacity
 * - `server_error`, `timeout`, `transport` the provider or the way to it broke
 * - `invalid_request`, `context_length`, `content_policy`, `payload_too_large`, `not_found`, `conflict` are the caller's
 * - `unknown` could not be told; treated like a server error
 */
export const failureClasses = [
  'rate_limited',
  'quota_exhausted',
  'authentication',
  'permission',
  'model_unavailable',
  'overloaded',
  'server_error',
  'timeout',
  'transport',
  'invalid_request',
  'context_length',
  'content_policy',
  'payload_too_large',
  'not_found',
  'conflict',
  'unknown',
] as const;
/** One of {@link failureClasses}. */
export type FailureClass = (typeof failureClasses)[number];

/** Who is affected by a failure, and so what the pool may mark. */
export type FailureScope = 'request' | 'model_on_account' | 'account' | 'organisation' | 'provider';

/** A failure as understood: class, who is affected, which rule said so. */
export interface ProviderFailure {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** Name of the rule that decided, for timelines and metrics; for example `openai.insufficient_quota`. */
  readonly rule: string;
  /** How long the provider asked to wait, in ms from the answer; `null` when it gave no hint. */
  readonly retryAfterMs: number | null;
}

const callersOwn: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'invalid_request',
  'context_length',
  'content_policy',
  'payload_too_large',
  'not_found',
  'conflict',
]);

/** Whether the caller would meet the same failure on every account: it is answered as it is and marks nobody. */
export const isCallersFault = (failure: FailureClass): boolean => callersOwn.has(failure);
